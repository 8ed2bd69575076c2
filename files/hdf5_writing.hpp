#pragma once
/// Whether this build writes HDF5 (PLEURA_HDF5_WRITE), to be asked before the work.
#include <filesystem>

namespace pleura::hdf5 {

/// Throws resources, naming the file that was to be written, where it does not.
void require_writing(const std::filesystem::path& file);

}  // namespace pleura::hdf5
