#include "scan/nifti.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "pleura/error.hpp"
#include "scan/bytes.hpp"
#include "scan/gzip.hpp"
#include "scan/nifti_header.hpp"
#include "scan/text.hpp"
#include "scan/voxels.hpp"

namespace pleura::scan {
namespace {

[[noreturn]] void refuse(const InputFile& file, const std::string& why) {
  throw Error(Status::input_refused, file.path().string() + ": " + why);
}

std::optional<NiftiHeader> read_header(StreamReader& reader) {
  std::array<std::byte, nifti2_header_bytes> raw{};
  return parse_nifti(std::span(raw).first(reader.read(raw)));
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

/// One volume of three dimensions, and where its voxels lie.
void require_one_volume(const InputFile& file, const NiftiHeader& header) {
  const auto& dim = header.dim;
  if (dim[0] < 3 || dim[0] > 7 || std::any_of(dim.begin() + 4, dim.begin() + dim[0] + 1, [](auto n) { return n != 1; }))
    refuse(file, "NIfTI of " + std::to_string(dim[0]) + " dimensions, expected one volume of 3");
  const double at = header.voxels_at;
  if (!(at >= static_cast<double>(header.bytes) && at < 1e15 && at == std::floor(at)))
    refuse(file, "voxels at byte " + number(at) + " (vox_offset), expected behind the header's " +
                     std::to_string(header.bytes));
}

/// Numbers of the header that contradict each other and do no harm to what is read.
void look_for_contradictions(const NiftiHeader& header, Element element, std::vector<std::string>& warnings) {
  const auto bits = static_cast<int>(8 * size_of(element));
  if (header.bits != 0 && header.bits != bits)
    warnings.push_back("bitpix says " + std::to_string(header.bits) + " bits a voxel, data type " +
                       std::to_string(header.datatype) + " has " + std::to_string(bits) + ": the data type is taken");
  for (auto axis = header.dim[0] + 1; axis < 8; ++axis)
    if (header.dim[axis] > 1)
      warnings.push_back("dim[0] says " + counted(header.dim[0], "dimension") + ", dim[" + std::to_string(axis) +
                         "] is " + std::to_string(header.dim[axis]) + ": the first volume is read");
  if (header.slope == 0 && header.intercept != 0)
    warnings.push_back("scl_slope of 0 means that nothing is scaled: scl_inter " + number(header.intercept) +
                       " is not added");
}

/// A header understood and checked against the file's length.
struct ParsedNifti {
  Orientation orientation;
  Index3 shape{};  ///< as the file has it
  VoxelFormat format;
  std::int64_t voxels_at = 0;
  std::vector<std::string> warnings;
};

ParsedNifti parse_nifti(const InputFile& file) {
  StreamReader reader = open_gzip(file);
  const auto header = read_header(reader);
  if (!header) refuse(file, "not a NIfTI single file");
  require_one_volume(file, *header);
  ParsedNifti parsed;
  parsed.voxels_at = static_cast<std::int64_t>(header->voxels_at);
  parsed.format = {.element = element_of(file, header->datatype), .swap = header->swap};
  parsed.shape = {header->dim[3], header->dim[2], header->dim[1]};
  require_room(parsed.shape, parsed.format.element, most_bytes(file) - parsed.voxels_at, file.path().string());
  if (header->slope != 0 && std::isfinite(header->slope)) {
    if (!std::isfinite(header->intercept))
      refuse(file, "scl_inter " + number(header->intercept) + " beside scl_slope " + number(header->slope) +
                       ", expected a finite figure");
    parsed.format.slope = header->slope;
    parsed.format.intercept = header->intercept;
  }
  if (!is_gzip(file))
    warn_of_surplus(file.size() - parsed.voxels_at - bytes_of(parsed.shape, parsed.format.element), parsed.warnings);
  look_for_contradictions(*header, parsed.format.element, parsed.warnings);
  parsed.orientation = orient(nifti_grid(*header, file.path().string(), parsed.warnings), file.path().string());
  return parsed;
}

}  // namespace

bool is_nifti(const InputFile& file) {
  StreamReader reader = open_gzip(file);
  return read_header(reader).has_value();
}

VolumeHeader read_nifti_header(const InputFile& file) {
  auto parsed = parse_nifti(file);
  return {parsed.orientation.geometry, {file}, std::move(parsed.warnings)};
}

Volume read_nifti(const InputFile& file) {
  const auto parsed = parse_nifti(file);
  StreamReader voxels = open_gzip(file);
  if (!voxels.skip(parsed.voxels_at)) refuse(file, "truncated before its voxels");
  auto hu = read_voxels([&](std::span<std::byte> bytes) { return voxels.read(bytes); }, parsed.shape,
                        parsed.orientation, parsed.format, file.path().string());
  return turned_volume(std::move(hu), parsed.orientation, "NIfTI", 1);
}

}  // namespace pleura::scan
