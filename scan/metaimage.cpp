#include "scan/metaimage.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "pleura/error.hpp"
#include "scan/text.hpp"
#include "scan/text_header.hpp"
#include "scan/vector3.hpp"
#include "scan/voxel_files.hpp"

namespace pleura::scan {
namespace {

/// "Key = value" lines up to ElementDataFile, which ends every header.
struct MetaImageLines {
  TextHeader fields;
  std::vector<std::string> list;  ///< file names after ElementDataFile = LIST
  std::int64_t end = 0;           ///< byte after the header's last line
};

MetaImageLines read_metaimage_lines(const InputFile& file) {
  const auto in = file.open();
  MetaImageLines header{.fields = TextHeader(file, " = "), .list = {}};
  bool in_list = false;
  for (std::string line; header.end < longest_text_header && read_line(*in, line, header.end);) {
    if (in_list) {
      if (const auto name = trimmed(line); !name.empty()) header.list.emplace_back(name);
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const auto key = trimmed(std::string_view(line).substr(0, equals));
    const auto value = trimmed(std::string_view(line).substr(equals + 1));
    header.fields.add(key, value);
    if (key != "ElementDataFile") continue;
    if (!is_list(value)) return header;
    in_list = true;
  }
  if (!in_list) header.fields.refuse("MetaImage header without ElementDataFile");
  return header;
}

bool flag(const TextHeader& header, TextHeader::Names names, bool absent = false) {
  const auto text = header.text(names);
  if (!text) return absent;
  const auto word = lower(*text);
  if (word == "true" || word == "t" || word == "1") return true;
  if (word != "false" && word != "f" && word != "0") header.refuse(names, "True or False");
  return false;
}

Element metaimage_element(const TextHeader& header) {
  static const std::map<std::string, Element> elements{
      {"MET_CHAR", Element::int8},         {"MET_UCHAR", Element::uint8},   {"MET_SHORT", Element::int16},
      {"MET_USHORT", Element::uint16},     {"MET_INT", Element::int32},     {"MET_UINT", Element::uint32},
      {"MET_LONG", Element::int32},        {"MET_ULONG", Element::uint32},  {"MET_LONG_LONG", Element::int64},
      {"MET_ULONG_LONG", Element::uint64}, {"MET_FLOAT", Element::float32}, {"MET_DOUBLE", Element::float64}};
  const auto found = elements.find(header.text({"ElementType"}).value_or(""));
  if (found == elements.end()) header.refuse({"ElementType"}, "one number per voxel, as MET_SHORT");
  return found->second;
}

/// Values that no reader here applies, and that change what the voxels mean.
void require_plain(const TextHeader& header) {
  if (const auto type = header.text({"ObjectType"}).value_or("Image"); type != "Image")
    header.refuse("ObjectType = " + printable(type) + ", expected Image");
  if (header.text({"NDims"}) != "3") header.refuse({"NDims"}, "3");
  if (const auto n = header.text({"ElementNumberOfChannels"}).value_or("1"); n != "1")
    header.refuse("ElementNumberOfChannels = " + printable(n) + ", expected 1");
  if (!flag(header, {"BinaryData"}, true)) header.refuse({"BinaryData"}, "binary voxels");
  if (const auto unit = header.text({"DistanceUnits"}).value_or("mm"); unit != "mm" && unit != "?")
    header.refuse({"DistanceUnits"}, "mm");
  for (const auto& [name, neutral] :
       {std::pair{"ElementToIntensityFunctionSlope", 1.0}, {"ElementToIntensityFunctionOffset", 0.0}})
    if (const auto value = header.numbers<1>({name}); value && value->front() != neutral)
      header.refuse({name}, number(neutral) + ": voxels that are HU");
}

/// ElementSpacing is the distance of voxels, ElementSize their extent: slices may be thicker than they are apart, but
/// no pixel differs from its spacing.
std::array<double, 3> spacing_of(const TextHeader& header, std::vector<std::string>& warnings) {
  const auto size = header.numbers<3>({"ElementSize"}), spacing = header.numbers<3>({"ElementSpacing"});
  if (!spacing && !size) header.refuse({"ElementSpacing"}, "3 numbers");
  if (!spacing) return *size;
  if (std::any_of(spacing->begin(), spacing->end(), [](double mm) { return mm < 0; }))
    header.refuse({"ElementSpacing"}, "positive numbers");
  if (size && !same_spacing(*spacing, *size)) {
    const std::string both = "ElementSpacing says " + product(*spacing) + " mm, ElementSize " + product(*size) + " mm";
    int differing = 0;
    for (int i = 0; i < 3; ++i) differing += same_length((*spacing)[i], (*size)[i]) ? 0 : 1;
    if (differing > 1) header.refuse(both + ", and nothing says which is right");
    warnings.push_back(both + ": the spacing is taken");
  }
  return *spacing;
}

/// AnatomicalOrientation by ITK names where the axes come from, as "RAI" for axes that run to LPS; some name where they
/// run to.
void compare_orientation(const TextHeader& header, const Grid& grid, std::vector<std::string>& warnings) {
  const auto text = header.text({"AnatomicalOrientation"});
  if (!text || text->find('?') != std::string::npos) return;
  const std::string to = axis_code(grid);
  std::string from = to, said = *text;
  constexpr std::string_view ends = "LRPASI", opposite_ends = "RLAPIS";
  for (auto& letter : from) letter = opposite_ends[ends.find(letter)];
  for (auto& letter : said) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  if (said == from) return;
  const std::string both = "AnatomicalOrientation = '" + printable(*text) +
                           "' is not that of TransformMatrix, whose axes come from " + from + " and run to " + to;
  if (said != to) header.refuse(both + ", and nothing says which is right");
  warnings.push_back(both + ": taken as where they run to");
}

constexpr TextHeader::Names matrix_names{"TransformMatrix", "Rotation", "Orientation"};

Grid metaimage_grid(const TextHeader& header, const Index3& shape, std::vector<std::string>& warnings) {
  const auto spacing = spacing_of(header, warnings);
  Grid grid{.shape = shape, .origin = header.numbers<3>({"Offset", "Position", "Origin"}).value_or(Point3{})};
  const auto matrix = header.numbers<9>(matrix_names).value_or(std::array<double, 9>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  bool unit = true;
  for (std::size_t i = 0; i < 3; ++i) {  // a row of the matrix is the direction of one index, x first
    const Point3 direction{matrix[3 * i], matrix[3 * i + 1], matrix[3 * i + 2]};
    unit = unit && same_length(norm(direction), 1);
    grid.step[2 - i] = scaled(direction, spacing[i]);
  }
  if (fault_of(grid).empty()) {  // else it is refused for that
    if (!unit) header.refuse(matrix_names, "rows of length 1: ElementSpacing says the distances");
    compare_orientation(header, grid, warnings);
  }
  return grid;
}

/// Where ElementDataFile and HeaderSize say that the voxels lie.
VoxelFiles metaimage_voxel_files(const MetaImageLines& lines) {
  const auto& header = lines.fields;
  VoxelFiles voxels;
  voxels.compressed = flag(header, {"CompressedData"});
  const auto& file = header.file();
  const auto data = header.text({"ElementDataFile"}).value_or("");
  const auto at = header.whole({"HeaderSize"}, VoxelFiles::at_end, most_file_bytes).value_or(0);
  if (at == VoxelFiles::at_end && voxels.compressed)
    header.refuse({"HeaderSize"}, "the byte where compressed voxels begin");
  if (data == "LOCAL") {
    if (at > 0 && at < lines.end)
      header.refuse({"HeaderSize"}, "a byte behind the header's " + std::to_string(lines.end));
    voxels.parts = {{file, at == 0 ? lines.end : at}};
  } else if (is_list(data)) {
    voxels.one_a_slice = true;
    for (const auto& name : lines.list) voxels.parts.push_back({named_file(file, name), at});
  } else if (data.find('%') != std::string::npos) {
    header.refuse("ElementDataFile = " + printable(data) + ", a pattern of names, expected LOCAL, a file or LIST");
  } else {
    voxels.parts = {{named_file(file, data), at}};
  }
  return voxels;
}

void compare_compressed_size(const TextHeader& header, const VoxelFiles& voxels, std::vector<std::string>& warnings) {
  const auto said = header.whole({"CompressedDataSize"}, 0, most_file_bytes);
  if (!said || !voxels.compressed || voxels.parts.size() != 1) return;
  const auto& [file, at] = voxels.parts.front();
  if (const auto there = file.size() - at; there != *said)
    warnings.push_back("CompressedDataSize says " + counted(*said, "byte") + ", " + std::to_string(there) +
                       " are there");
}

DetachedVolume parse_metaimage(const InputFile& file) {
  const MetaImageLines lines = read_metaimage_lines(file);
  const auto& header = lines.fields;
  require_plain(header);
  DetachedVolume volume;
  volume.grid = metaimage_grid(header, header.shape({"DimSize"}), volume.warnings);
  volume.format.element = metaimage_element(header);
  volume.format.swap = flag(header, {"BinaryDataByteOrderMSB", "ElementByteOrderMSB"});
  volume.voxels = metaimage_voxel_files(lines);
  require_voxel_files(file, volume);
  compare_compressed_size(header, volume.voxels, volume.warnings);
  return volume;
}

}  // namespace

VolumeHeader read_metaimage_header(const InputFile& file) { return header_of(file, parse_metaimage(file)); }

Volume read_metaimage(const InputFile& file) { return read_voxel_files(file, parse_metaimage(file), "MetaImage"); }

}  // namespace pleura::scan
