#include "scan/foreign.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "scan/bytes.hpp"
#include "scan/gzip.hpp"

namespace pleura::scan {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t at;
  std::string_view bytes;
  const char* what;
};

constexpr Magic formats[] = {
    {0, "II*\0"sv, "a TIFF picture"},
    {0, "MM\0*"sv, "a TIFF picture"},
    {0, "II+\0"sv, "a TIFF picture"},
    {0, "MM\0+"sv, "a TIFF picture"},
    {0, "GIF8"sv, "a GIF picture"},
    {8, "WEBP"sv, "a WebP picture"},
    {4, "jP  \r\n\x87\n"sv, "a JPEG 2000 picture"},
    {0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 picture"},
    {0, "\xFF\xD8"sv, "a damaged JPEG picture"},
    {0, "%PDF"sv, "a PDF document"},
    {0, "\x89HDF\r\n\x1A\n"sv, "an HDF5 file"},
    {0, "CDF\x01"sv, "a NetCDF file"},
    {0, "CDF\x02"sv, "a NetCDF file"},
    {0, "\x93NUMPY"sv, "a NumPy array"},
    {0, "MATLAB 5.0"sv, "a MATLAB file"},
    {0, "# vtk DataFile"sv, "a VTK file"},
    {0, "<VTKFile"sv, "a VTK file"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "a 7z archive (unpack it)"},
    {0, "Rar!\x1A\x07"sv, "a RAR archive (unpack it)"},
};

/// The two headers of 348 bytes whose voxels lie in a file beside them.
std::string pair_of(std::string_view head) {
  if (head.size() < 348) return "";
  const auto bytes = std::as_bytes(std::span(head));
  if (load<std::int32_t>(bytes, 0, false) != 348 && load<std::int32_t>(bytes, 0, true) != 348) return "";
  if (head.substr(344, 4) == "ni1\0"sv)
    return "the header of a NIfTI pair (.hdr and .img), expected one file: convert the pair to .nii or .nii.gz";
  return "an ANALYZE header (.hdr and .img), which does not say how the patient lies: convert the original to .nii or "
         ".nii.gz";
}

/// A pair's voxels have nothing to be known by but the header beside them.
bool is_pairs_voxels(const InputFile& file) {
  auto header = file.path().filename();
  if (header.extension() == ".gz") header.replace_extension();
  if (header.extension() != ".img") return false;
  header.replace_extension(".hdr");
  return file.sibling(header) || file.sibling(header += ".gz");
}

}  // namespace

std::string why_foreign(const InputFile& file) {
  std::array<char, 1024> buffer{};
  auto reader = open_gzip(file);
  const std::string_view head(buffer.data(), reader.read(std::as_writable_bytes(std::span(buffer))));
  if (head.empty() && !is_gzip(file)) return "an empty file";
  if (auto pair = pair_of(head); !pair.empty()) return pair;
  if (is_pairs_voxels(file)) return "the voxels of a NIfTI pair (.hdr and .img): convert the pair to .nii or .nii.gz";
  const auto* const format = std::find_if(std::begin(formats), std::end(formats), [&](const Magic& magic) {
    return head.size() > magic.at && head.substr(magic.at).starts_with(magic.bytes);
  });
  if (format == std::end(formats)) return "of no format that pleura reads";
  return std::string(format->what) + ", expected a CT as DICOM, NIfTI, MetaImage or NRRD";
}

}  // namespace pleura::scan
