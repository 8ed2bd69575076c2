#pragma once
/// The headers of NIfTI-1 and NIfTI-2, and the geometry that one of them means where its parts contradict each other.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scan/orientation.hpp"

namespace pleura::scan {

inline constexpr std::size_t nifti1_header_bytes = 348, nifti2_header_bytes = 540;

/// What is used of either version's header.
struct NiftiHeader {
  std::array<std::int64_t, 8> dim{};
  std::array<double, 8> pixdim{};
  std::array<double, 3> quaternion{};  // b, c, d
  Point3 qoffset{};
  std::array<std::array<double, 4>, 3> srow{};
  double slope = 0, intercept = 0;
  double voxels_at = 0;  ///< byte of the file
  int datatype = 0, bits = 0, qform_code = 0, sform_code = 0, units = 0;
  std::size_t bytes = nifti1_header_bytes;  ///< of the header itself
  bool swap = false;
};

/// The header, or nothing where the first bytes are not a NIfTI single file's.
[[nodiscard]] std::optional<NiftiHeader> parse_nifti(std::span<const std::byte> raw);

/// The grid of voxels in mm (LPS), from sform, qform and pixdim. Sources that agree win over a lone one, which is named
/// in a warning. Throws input_refused, the message starting with `name`, where none can be believed.
[[nodiscard]] Grid nifti_grid(const NiftiHeader& header, const std::string& name, std::vector<std::string>& warnings);

}  // namespace pleura::scan
