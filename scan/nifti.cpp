#include "scan/nifti.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "scan/bytes.hpp"
#include "scan/gzip.hpp"
#include "scan/orientation.hpp"
#include "scan/vector3.hpp"
#include "scan/voxels.hpp"

namespace pleura::scan {
namespace {

constexpr std::size_t header1_bytes = 348, header2_bytes = 540;

/// What is used of either version's header.
struct Header {
  std::array<std::int64_t, 8> dim{};
  std::array<double, 8> pixdim{};
  std::array<double, 3> quaternion{};  // b, c, d
  Point3 qoffset{};
  std::array<std::array<double, 4>, 3> srow{};
  double slope = 0, intercept = 0;
  std::int64_t voxels_at = 0;
  int datatype = 0, qform_code = 0, sform_code = 0, units = 0;
  bool swap = false;
};

[[noreturn]] void refuse(const InputFile& file, const std::string& why) {
  throw Error(Status::input_refused, file.path().string() + ": " + why);
}

Header parse1(std::span<const std::byte> raw, bool swap) {
  Header header{.swap = swap};
  for (std::size_t i = 0; i < 8; ++i) {
    header.dim[i] = load<std::int16_t>(raw, 40 + 2 * i, swap);
    header.pixdim[i] = load<float>(raw, 76 + 4 * i, swap);
  }
  header.datatype = load<std::int16_t>(raw, 70, swap);
  const float voxels_at = load<float>(raw, 108, swap);
  header.voxels_at = voxels_at >= 0 && voxels_at < 1e9F ? static_cast<std::int64_t>(voxels_at) : -1;
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

Header parse2(std::span<const std::byte> raw, bool swap) {
  Header header{.swap = swap};
  for (std::size_t i = 0; i < 8; ++i) {
    header.dim[i] = load<std::int64_t>(raw, 16 + 8 * i, swap);
    header.pixdim[i] = load<double>(raw, 104 + 8 * i, swap);
  }
  header.datatype = load<std::int16_t>(raw, 12, swap);
  header.voxels_at = load<std::int64_t>(raw, 168, swap);
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

/// The header, or nothing where the first bytes are not a NIfTI single file's.
std::optional<Header> parse(std::span<const std::byte> raw) {
  const auto text = [&](std::size_t at, std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(raw.data()) + at, size);
  };
  if (raw.size() < header1_bytes) return std::nullopt;
  for (const bool swap : {false, true}) {
    const auto size = load<std::int32_t>(raw, 0, swap);
    if (size == header1_bytes && text(344, 4) == std::string_view("n+1\0", 4)) return parse1(raw, swap);
    if (size == header2_bytes && raw.size() >= header2_bytes && text(4, 4) == std::string_view("n+2\0", 4))
      return parse2(raw, swap);
  }
  return std::nullopt;
}

std::optional<Header> read_header(StreamReader& reader) {
  std::array<std::byte, header2_bytes> raw{};
  return parse(std::span(raw).first(reader.read(raw)));
}

Element element_of(const InputFile& file, int datatype) {
  switch (datatype) {
    case 2:
      return Element::uint8;
    case 4:
      return Element::int16;
    case 8:
      return Element::int32;
    case 16:
      return Element::float32;
    case 64:
      return Element::float64;
    case 256:
      return Element::int8;
    case 512:
      return Element::uint16;
    case 768:
      return Element::uint32;
    case 1024:
      return Element::int64;
    case 1280:
      return Element::uint64;
    default:
      refuse(file, "NIfTI data type " + std::to_string(datatype) + ", expected one number per voxel");
  }
}

/// Columns of the rotation of a unit quaternion (NIfTI's method 2).
std::array<Point3, 3> rotation_of(const std::array<double, 3>& quaternion) {
  auto [b, c, d] = quaternion;
  const double squares = b * b + c * c + d * d;
  double a = 0;
  if (squares < 1) {
    a = std::sqrt(1 - squares);
  } else {  // rounded past a half turn
    const double length = std::sqrt(squares);
    b /= length, c /= length, d /= length;
  }
  return {{{a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)},
           {2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)},
           {2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c}}};
}

Grid grid_of(const InputFile& file, const Header& header) {
  const auto& dim = header.dim;
  if (dim[0] < 3 || dim[0] > 7 || std::any_of(dim.begin() + 4, dim.begin() + dim[0] + 1, [](auto n) { return n != 1; }))
    refuse(file, "NIfTI of " + std::to_string(dim[0]) + " dimensions, expected one volume of 3");
  const Index3 shape{dim[3], dim[2], dim[1]};
  if (header.voxels_at < static_cast<std::int64_t>(header1_bytes))
    refuse(file, "voxels at byte " + std::to_string(header.voxels_at) + ", expected behind the header");
  require_room(shape, element_of(file, header.datatype), most_bytes(file) - header.voxels_at, file.path().string());

  Grid grid{.shape = shape};
  if (header.sform_code > 0) {
    for (int i = 0; i < 3; ++i) {
      for (int world = 0; world < 3; ++world) grid.step[2 - i][world] = header.srow[world][i];
      grid.origin[i] = header.srow[i][3];
    }
  } else if (header.qform_code > 0) {
    const auto rotation = rotation_of(header.quaternion);
    const double handedness = header.pixdim[0] < 0 ? -1 : 1;
    for (int i = 0; i < 3; ++i)
      grid.step[2 - i] = scaled(rotation[i], header.pixdim[i + 1] * (i == 2 ? handedness : 1));
    grid.origin = header.qoffset;
  } else {
    refuse(file, "neither sform nor qform is set, expected one that says how the patient lies");
  }

  const int space_units = header.units & 7;
  const double millimetres = space_units == 1 ? 1000 : space_units == 3 ? 1e-3 : 1;
  const auto to_lps = [&](Point3& point) {
    point = {-point[0] * millimetres, -point[1] * millimetres, point[2] * millimetres};
  };
  to_lps(grid.origin);
  for (auto& step : grid.step) to_lps(step);
  return grid;
}

Header checked_header(const InputFile& file, StreamReader& reader) {
  const auto header = read_header(reader);
  if (!header) refuse(file, "not a NIfTI single file");
  return *header;
}

}  // namespace

bool is_nifti(const InputFile& file) {
  StreamReader reader = open_gzip(file);
  return read_header(reader).has_value();
}

Geometry nifti_geometry(const InputFile& file) {
  StreamReader reader = open_gzip(file);
  return orient(grid_of(file, checked_header(file, reader)), file.path().string()).geometry;
}

Volume read_nifti(const InputFile& file) {
  StreamReader reader = open_gzip(file);
  const Header header = checked_header(file, reader);
  const Grid grid = grid_of(file, header);
  const Orientation orientation = orient(grid, file.path().string());
  StreamReader voxels = open_gzip(file);
  if (!voxels.skip(header.voxels_at)) refuse(file, "truncated before its voxels");
  VoxelFormat format{.element = element_of(file, header.datatype), .swap = header.swap};
  if (header.slope != 0 && std::isfinite(header.slope) && std::isfinite(header.intercept)) {
    format.slope = header.slope;
    format.intercept = header.intercept;
  }
  auto hu = read_voxels([&](std::span<std::byte> bytes) { return voxels.read(bytes); }, grid.shape, format,
                        file.path().string());
  return {orientation.geometry, turn(std::move(hu), orientation), {}};
}

}  // namespace pleura::scan
