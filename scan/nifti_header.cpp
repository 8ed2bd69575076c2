#include "scan/nifti_header.hpp"

#include <string_view>

#include "scan/bytes.hpp"

namespace pleura::scan {
namespace {

NiftiHeader parse1(std::span<const std::byte> raw, bool swap) {
  NiftiHeader header{.swap = swap};
  for (std::size_t i = 0; i < 8; ++i) {
    header.dim[i] = load<std::int16_t>(raw, 40 + 2 * i, swap);
    header.pixdim[i] = load<float>(raw, 76 + 4 * i, swap);
  }
  header.datatype = load<std::int16_t>(raw, 70, swap);
  header.bits = load<std::int16_t>(raw, 72, swap);
  header.voxels_at = load<float>(raw, 108, swap);
  header.slope = load<float>(raw, 112, swap);
  header.intercept = load<float>(raw, 116, swap);
  header.units = static_cast<int>(load<std::uint8_t>(raw, 123, swap));
  header.qform_code = load<std::int16_t>(raw, 252, swap);
  header.sform_code = load<std::int16_t>(raw, 254, swap);
  for (std::size_t i = 0; i < 3; ++i) {
    header.quaternion[i] = load<float>(raw, 256 + 4 * i, swap);
    header.qoffset[i] = load<float>(raw, 268 + 4 * i, swap);
    for (std::size_t j = 0; j < 4; ++j) header.srow[i][j] = load<float>(raw, 280 + 16 * i + 4 * j, swap);
  }
  return header;
}

NiftiHeader parse2(std::span<const std::byte> raw, bool swap) {
  NiftiHeader header{.bytes = nifti2_header_bytes, .swap = swap};
  for (std::size_t i = 0; i < 8; ++i) {
    header.dim[i] = load<std::int64_t>(raw, 16 + 8 * i, swap);
    header.pixdim[i] = load<double>(raw, 104 + 8 * i, swap);
  }
  header.datatype = load<std::int16_t>(raw, 12, swap);
  header.bits = load<std::int16_t>(raw, 14, swap);
  header.voxels_at = static_cast<double>(load<std::int64_t>(raw, 168, swap));
  header.slope = load<double>(raw, 176, swap);
  header.intercept = load<double>(raw, 184, swap);
  header.units = load<std::int32_t>(raw, 500, swap);
  header.qform_code = load<std::int32_t>(raw, 344, swap);
  header.sform_code = load<std::int32_t>(raw, 348, swap);
  for (std::size_t i = 0; i < 3; ++i) {
    header.quaternion[i] = load<double>(raw, 352 + 8 * i, swap);
    header.qoffset[i] = load<double>(raw, 376 + 8 * i, swap);
    for (std::size_t j = 0; j < 4; ++j) header.srow[i][j] = load<double>(raw, 400 + 32 * i + 8 * j, swap);
  }
  return header;
}

}  // namespace

std::optional<NiftiHeader> parse_nifti(std::span<const std::byte> raw) {
  const auto text = [&](std::size_t at, std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(raw.data()) + at, size);
  };
  if (raw.size() < nifti1_header_bytes) return std::nullopt;
  for (const bool swap : {false, true}) {
    const auto size = load<std::int32_t>(raw, 0, swap);
    if (size == nifti1_header_bytes && text(344, 4) == std::string_view("n+1\0", 4)) return parse1(raw, swap);
    if (size == nifti2_header_bytes && raw.size() >= nifti2_header_bytes && text(4, 4) == std::string_view("n+2\0", 4))
      return parse2(raw, swap);
  }
  return std::nullopt;
}

}  // namespace pleura::scan
