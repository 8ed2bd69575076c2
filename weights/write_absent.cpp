#include "files/hdf5_writing.hpp"
#include "weights/model.hpp"

namespace pleura::weights {

void write_model(const Model& /*model*/, const std::filesystem::path& file, bool /*fp16*/) {
  hdf5::require_writing(file);
}

}  // namespace pleura::weights
