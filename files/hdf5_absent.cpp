#include "files/hdf5_writing.hpp"
#include "pleura/error.hpp"

namespace pleura::hdf5 {

void require_writing(const std::filesystem::path& file) {
  throw Error(Status::resources,
              file.string() + ": this pleura was built without writing HDF5 (PLEURA_HDF5_WRITE=OFF)");
}

}  // namespace pleura::hdf5
