#include "files/hdf5_writing.hpp"
#include "pleura/pleura.hpp"
#include "weights/random.hpp"

namespace pleura {

void write_random_weights(const RandomWeights& what, const std::filesystem::path& file, const Progress& progress) {
  hdf5::require_writing(file);
  if (progress) progress("weights", 0);
  const weights::Model model = weights::random_model(what);
  if (progress) progress("write", 0.5);
  weights::write_model(model, file, what.fp16);
}

}  // namespace pleura
