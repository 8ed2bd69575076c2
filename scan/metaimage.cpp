#include "scan/metaimage.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <sstream>

#include "scan/gzip.hpp"
#include "scan/inflate.hpp"
#include "scan/orientation.hpp"
#include "scan/text.hpp"
#include "scan/vector3.hpp"
#include "scan/voxels.hpp"

namespace pleura::scan {
namespace {

constexpr std::size_t longest_header = 1 << 20;

[[noreturn]] void refuse(const InputFile& file, const std::string& why) {
  throw Error(Status::input_refused, file.path().string() + ": " + why);
}

/// "Key = value" lines up to ElementDataFile, which ends every header.
struct Header {
  std::map<std::string, std::string> values;
  std::vector<std::string> list;  ///< file names after ElementDataFile = LIST
  std::int64_t end = 0;           ///< byte after the header's last line
};

Header read_lines(const InputFile& file) {
  const auto stream = file.open();
  std::istream& in = *stream;
  Header header;
  std::string line;
  while (header.end < static_cast<std::int64_t>(longest_header)) {
    line.clear();
    char c = 0;
    while (line.size() < longest_header && in.get(c) && c != '\n') line += c;
    header.end += static_cast<std::int64_t>(line.size()) + 1;
    if (!in && line.empty()) break;
    const bool in_list = header.values.contains("ElementDataFile");
    if (in_list) {
      if (auto name = printable(line.substr(0, line.find('\r'))); !name.empty()) header.list.push_back(std::move(name));
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const auto key = printable(line.substr(0, equals));
    header.values[key] = printable(line.substr(equals + 1, line.find('\r') - equals - 1));
    if (key == "ElementDataFile" && !header.values[key].starts_with("LIST")) return header;
  }
  if (!header.values.contains("ElementDataFile")) refuse(file, "MetaImage header without ElementDataFile");
  return header;
}

/// Reads values of a header with the messages that a wrong one needs.
class Fields {
 public:
  Fields(const InputFile& file, const Header& header) : file_(file), values_(header.values) {}

  [[nodiscard]] std::string text(std::initializer_list<const char*> keys, const std::string& absent = "") const {
    for (const auto* key : keys)
      if (const auto found = values_.find(key); found != values_.end()) return found->second;
    return absent;
  }

  [[nodiscard]] bool flag(std::initializer_list<const char*> keys) const {
    const auto value = text(keys);
    return !value.empty() && (value[0] == 'T' || value[0] == 't' || value[0] == '1');
  }

  [[nodiscard]] std::vector<double> numbers(std::initializer_list<const char*> keys, std::size_t count) const {
    std::istringstream in(text(keys));
    std::vector<double> values;
    for (double value = 0; in >> value;) values.push_back(value);
    const bool good =
        values.size() == count && std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    if (!good)
      refuse(file_,
             std::string(*keys.begin()) + " = '" + text(keys) + "', expected " + std::to_string(count) + " numbers");
    return values;
  }

 private:
  const InputFile& file_;
  const std::map<std::string, std::string>& values_;
};

Element element_of(const InputFile& file, const std::string& type) {
  static const std::map<std::string, Element> elements{
      {"MET_CHAR", Element::int8},         {"MET_UCHAR", Element::uint8},   {"MET_SHORT", Element::int16},
      {"MET_USHORT", Element::uint16},     {"MET_INT", Element::int32},     {"MET_UINT", Element::uint32},
      {"MET_LONG", Element::int32},        {"MET_ULONG", Element::uint32},  {"MET_LONG_LONG", Element::int64},
      {"MET_ULONG_LONG", Element::uint64}, {"MET_FLOAT", Element::float32}, {"MET_DOUBLE", Element::float64}};
  const auto found = elements.find(type);
  if (found == elements.end())
    refuse(file, "ElementType = '" + type + "', expected one number per voxel, as MET_SHORT");
  return found->second;
}

/// A header understood and checked against the files that hold its voxels.
struct Parsed {
  Grid grid;
  VoxelFormat format;
  std::vector<InputFile> data_files;
  std::int64_t data_at = 0;
  bool compressed = false;
};

Grid grid_of(const Fields& fields, const Index3& shape) {
  const auto spacing = fields.numbers({fields.text({"ElementSpacing"}).empty() ? "ElementSize" : "ElementSpacing"}, 3);
  const auto offset = fields.text({"Offset", "Position", "Origin"}).empty()
                          ? std::vector<double>(3)
                          : fields.numbers({"Offset", "Position", "Origin"}, 3);
  const auto matrix = fields.text({"TransformMatrix", "Rotation", "Orientation"}).empty()
                          ? std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1}
                          : fields.numbers({"TransformMatrix", "Rotation", "Orientation"}, 9);
  Grid grid{.shape = shape, .origin = {offset[0], offset[1], offset[2]}};
  for (std::size_t i = 0; i < 3; ++i)  // a row of the matrix is the direction of one index, x first
    grid.step[2 - i] = scaled({matrix[3 * i], matrix[3 * i + 1], matrix[3 * i + 2]}, spacing[i]);
  return grid;
}

InputFile data_file(const InputFile& header, const std::string& name) {
  auto file = header.sibling(name);
  if (!file) refuse(header, "its voxels' file " + (header.path().parent_path() / name).string() + " is not there");
  return *std::move(file);
}

/// Every file that must hold voxels is large enough.
void require_data(const Parsed& parsed) {
  Index3 shape = parsed.grid.shape;
  if (parsed.data_files.size() > 1) shape[0] = 1;
  for (const auto& data : parsed.data_files) {
    auto there = data.size() - parsed.data_at;
    if (parsed.compressed) there *= most_inflated;
    require_room(shape, parsed.format.element, there, data.path().string());
  }
}

Parsed parse(const InputFile& file) {
  const Header header = read_lines(file);
  const Fields fields(file, header);
  if (const auto type = fields.text({"ObjectType"}, "Image"); type != "Image")
    refuse(file, "ObjectType = " + type + ", expected Image");
  if (const auto n = fields.text({"NDims"}); n != "3") refuse(file, "NDims = '" + n + "', expected 3");
  if (const auto n = fields.text({"ElementNumberOfChannels"}, "1"); n != "1")
    refuse(file, "ElementNumberOfChannels = " + n + ", expected 1");
  if (!fields.text({"BinaryData"}).empty() && !fields.flag({"BinaryData"}))
    refuse(file, "BinaryData = False, expected binary voxels");

  Parsed parsed;
  const auto size = fields.numbers({"DimSize"}, 3);
  Index3 shape{};
  for (int i = 0; i < 3; ++i) {
    if (size[i] < 1 || size[i] > most_voxels_a_side || size[i] != std::floor(size[i]))
      refuse(file, "DimSize = " + fields.text({"DimSize"}) + ", expected 1 to " + std::to_string(most_voxels_a_side) +
                       " along each axis");
    shape[2 - i] = static_cast<std::int64_t>(size[i]);
  }
  parsed.grid = grid_of(fields, shape);
  parsed.format.element = element_of(file, fields.text({"ElementType"}));
  parsed.format.swap = fields.flag({"BinaryDataByteOrderMSB", "ElementByteOrderMSB"});
  parsed.compressed = fields.flag({"CompressedData"});
  const auto header_size = fields.text({"HeaderSize"}).empty() ? 0.0 : fields.numbers({"HeaderSize"}, 1)[0];

  const auto data = fields.text({"ElementDataFile"});
  if (data == "LOCAL") {
    parsed.data_files = {file};
    parsed.data_at = header.end;
  } else if (data.starts_with("LIST")) {
    for (const auto& name : header.list) parsed.data_files.push_back(data_file(file, name));
    if (static_cast<std::int64_t>(parsed.data_files.size()) != shape[0])
      refuse(file, "a list of " + counted(static_cast<long long>(header.list.size()), "file") +
                       ", expected one for each of " + counted(shape[0], "slice"));
  } else if (data.find('%') != std::string::npos) {
    refuse(file, "ElementDataFile = " + data + ", a pattern of names, expected LOCAL, a file or LIST");
  } else {
    parsed.data_files = {data_file(file, data)};
  }
  if (header_size == -1 && !parsed.compressed && parsed.data_files.size() == 1) {  // the voxels end the file
    parsed.data_at = parsed.data_files[0].size() -
                     shape[0] * shape[1] * shape[2] * static_cast<std::int64_t>(size_of(parsed.format.element));
  } else if (header_size > 0 && data != "LOCAL") {
    parsed.data_at = static_cast<std::int64_t>(std::min(header_size, 1e15));
  }
  if (parsed.data_at < 0) refuse(file, "truncated: fewer bytes than its voxels need");
  require_data(parsed);
  return parsed;
}

}  // namespace

MetaImage read_metaimage_header(const InputFile& file) {
  auto parsed = parse(file);
  return {orient(parsed.grid, file.path().string()).geometry, std::move(parsed.data_files)};
}

Volume read_metaimage(const InputFile& file) {
  const auto parsed = parse(file);
  const Orientation orientation = orient(parsed.grid, file.path().string());
  std::size_t next = 0;
  std::optional<StreamReader> stream;
  const auto read = [&](std::span<std::byte> bytes) {
    if (!stream || parsed.data_files.size() > 1)
      stream.emplace(parsed.data_files[next++], parsed.data_at, parsed.compressed);
    return stream->read(bytes);
  };
  auto hu = read_voxels(read, parsed.grid.shape, parsed.format, file.path().string());
  return {orientation.geometry, turn(std::move(hu), orientation), {}};
}

}  // namespace pleura::scan
