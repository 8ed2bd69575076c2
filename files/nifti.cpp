#include "files/nifti.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "files/gzip.hpp"
#include "files/replace.hpp"
#include "pleura/error.hpp"

namespace pleura::files {
namespace {

constexpr std::size_t voxels_at = 352;  // the header's 348 bytes and four that say: no extension

/// The quaternion (b, c, d; a >= 0) of a rotation given by its columns.
std::array<double, 3> quaternion_of(const std::array<Point3, 3>& columns) {
  const auto r = [&](int row, int column) { return columns[column][row]; };
  // The largest of the four components first, so that nothing is divided by a small number.
  const std::array<double, 4> squares{1 + r(0, 0) + r(1, 1) + r(2, 2), 1 + r(0, 0) - r(1, 1) - r(2, 2),
                                      1 - r(0, 0) + r(1, 1) - r(2, 2), 1 - r(0, 0) - r(1, 1) + r(2, 2)};
  const auto largest = std::max_element(squares.begin(), squares.end()) - squares.begin();
  const double half = std::sqrt(squares[largest]) / 2, quarter = 1 / (4 * half);
  std::array<double, 4> q{};
  switch (largest) {
    case 0:
      q = {half, (r(2, 1) - r(1, 2)) * quarter, (r(0, 2) - r(2, 0)) * quarter, (r(1, 0) - r(0, 1)) * quarter};
      break;
    case 1:
      q = {(r(2, 1) - r(1, 2)) * quarter, half, (r(0, 1) + r(1, 0)) * quarter, (r(0, 2) + r(2, 0)) * quarter};
      break;
    case 2:
      q = {(r(0, 2) - r(2, 0)) * quarter, (r(0, 1) + r(1, 0)) * quarter, half, (r(1, 2) + r(2, 1)) * quarter};
      break;
    default:
      q = {(r(1, 0) - r(0, 1)) * quarter, (r(0, 2) + r(2, 0)) * quarter, (r(1, 2) + r(2, 1)) * quarter, half};
  }
  const double sign = q[0] < 0 ? -1 : 1;
  return {sign * q[1], sign * q[2], sign * q[3]};
}

std::array<std::byte, voxels_at> header_of(const Geometry& geometry, std::int16_t datatype, std::size_t voxel_bytes) {
  std::array<std::byte, voxels_at> header{};
  const auto put = [&](std::size_t offset, auto value) { std::memcpy(header.data() + offset, &value, sizeof(value)); };
  put(0, std::int32_t{348});
  put(40, std::int16_t{3});
  for (std::size_t i = 0; i < 7; ++i)
    put(42 + 2 * i, i < 3 ? static_cast<std::int16_t>(geometry.shape[2 - i]) : std::int16_t{1});
  put(70, datatype);
  put(72, static_cast<std::int16_t>(8 * voxel_bytes));
  put(76, 1.0F);  // a right-handed rotation
  for (std::size_t i = 0; i < 3; ++i) put(80 + 4 * i, static_cast<float>(geometry.spacing[2 - i]));
  put(108, static_cast<float>(voxels_at));
  put(112, 1.0F);
  put(123, std::uint8_t{2});  // mm
  put(252, std::int16_t{1});  // both forms: scanner coordinates
  put(254, std::int16_t{1});
  const auto to_ras = [](const Point3& p) { return Point3{-p[0], -p[1], p[2]}; };
  const std::array<Point3, 3> columns{to_ras(geometry.direction[2]), to_ras(geometry.direction[1]),
                                      to_ras(geometry.direction[0])};
  const auto quaternion = quaternion_of(columns);
  const Point3 origin = to_ras(geometry.origin);
  for (std::size_t i = 0; i < 3; ++i) {
    put(256 + 4 * i, static_cast<float>(quaternion[i]));
    put(268 + 4 * i, static_cast<float>(origin[i]));
    for (std::size_t j = 0; j < 3; ++j)
      put(280 + 16 * i + 4 * j, static_cast<float>(columns[j][i] * geometry.spacing[2 - j]));
    put(280 + 16 * i + 12, static_cast<float>(origin[i]));
  }
  std::memcpy(header.data() + 344, "n+1", 4);
  return header;
}

void write(const std::filesystem::path& file, const Geometry& geometry, std::int16_t datatype, std::size_t voxel_bytes,
           std::span<const std::byte> voxels) {
  static_assert(std::endian::native == std::endian::little);
  if (geometry.voxels() * static_cast<std::int64_t>(voxel_bytes) != static_cast<std::int64_t>(voxels.size()))
    throw Error(Status::internal, file.string() + ": voxels do not fill the geometry");
  for (const auto size : geometry.shape)
    if (size < 1 || size > 32767)
      throw Error(Status::usage,
                  file.string() + ": " + std::to_string(size) + " voxels along an axis, NIfTI-1 holds 1 to 32767");
  const auto header = header_of(geometry, datatype, voxel_bytes);
  replace_file(file, [&](const Sink& sink) {
    if (file.extension() != ".gz") {
      sink(header);
      sink(voxels);
      return;
    }
    GzipWriter gzip(sink);
    gzip.write(header);
    gzip.write(voxels);
    gzip.finish();
  });
}

}  // namespace

void write_nifti(const std::filesystem::path& file, const Geometry& geometry, std::span<const std::int16_t> voxels) {
  write(file, geometry, 4, sizeof(std::int16_t), std::as_bytes(voxels));
}

void write_nifti(const std::filesystem::path& file, const Geometry& geometry, std::span<const std::uint8_t> voxels) {
  write(file, geometry, 2, sizeof(std::uint8_t), std::as_bytes(voxels));
}

}  // namespace pleura::files
