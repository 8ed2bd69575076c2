#include "api/extract_file.hpp"
#include "files/hdf5_writing.hpp"

namespace pleura::api {

void write_extract(const Extract& /*extract*/, const std::filesystem::path& file) { hdf5::require_writing(file); }

}  // namespace pleura::api
