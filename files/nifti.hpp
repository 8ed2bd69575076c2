#pragma once
/// NIfTI-1 single files (.nii, .nii.gz). NIfTI's world is RAS, ours LPS; both of its affine forms are written.
#include <cstdint>
#include <filesystem>
#include <span>

#include "pleura/volume.hpp"

namespace pleura::files {

/// Writes voxels (z, y, x) of a geometry: gzip where the name ends in .gz; whole or not at all. The same input gives
/// the same bytes. Throws resources where the disk refuses.
void write_nifti(const std::filesystem::path& file, const Geometry& geometry, std::span<const std::int16_t> voxels);
void write_nifti(const std::filesystem::path& file, const Geometry& geometry, std::span<const std::uint8_t> voxels);

}  // namespace pleura::files
