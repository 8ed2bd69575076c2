#include "scan/nrrd.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "pleura/error.hpp"
#include "scan/text.hpp"
#include "scan/text_header.hpp"
#include "scan/vector3.hpp"
#include "scan/voxel_files.hpp"

namespace pleura::scan {
namespace {

/// Every field of the format by its first name; those that say nothing about where voxels lie are passed over.
const std::map<std::string, std::string>& field_names() {
  static const std::map<std::string, std::string> names = [] {
    std::map<std::string, std::string> all{{"centers", "centerings"},   {"datafile", "data file"},
                                           {"lineskip", "line skip"},   {"byteskip", "byte skip"},
                                           {"blocksize", "block size"}, {"oldmin", "old min"},
                                           {"oldmax", "old max"},       {"sampleunits", "sample units"},
                                           {"axismins", "axis mins"},   {"axismaxs", "axis maxs"}};
    for (const auto* name : {"dimension",
                             "type",
                             "block size",
                             "encoding",
                             "endian",
                             "content",
                             "min",
                             "max",
                             "old min",
                             "old max",
                             "data file",
                             "line skip",
                             "byte skip",
                             "number",
                             "sample units",
                             "sizes",
                             "spacings",
                             "thicknesses",
                             "axis mins",
                             "axis maxs",
                             "centerings",
                             "labels",
                             "units",
                             "kinds",
                             "space",
                             "space dimension",
                             "space units",
                             "space origin",
                             "space directions",
                             "measurement frame"})
      all[name] = name;
    return all;
  }();
  return names;
}

/// "field: value" lines up to an empty one, where an attached file's data begin, or to the end of a detached header.
struct NrrdLines {
  TextHeader fields;
  std::vector<std::string> list;  ///< file names after data file: LIST
  std::int64_t end = 0;           ///< byte after the empty line
  bool attached = false;          ///< an empty line was found
  std::vector<std::string> unknown;
};

/// One line of a header that is neither its first, empty, nor in a list.
void read_field(std::string_view line, NrrdLines& header) {
  const auto colon = line.find(':');
  if (line.starts_with('#') || colon == std::string_view::npos) return;
  if (line.find(":=") < line.find(": ")) return;  // a key and its value, not NRRD's own
  const std::string name = lower(std::string(trimmed(line.substr(0, colon))));
  if (const auto known = field_names().find(name); known != field_names().end())
    header.fields.add(known->second, trimmed(line.substr(colon + 1)));
  else
    header.unknown.push_back(name);
}

NrrdLines read_nrrd_lines(const InputFile& file) {
  const auto in = file.open();
  NrrdLines header{.fields = TextHeader(file, ": "), .list = {}, .unknown = {}};
  bool in_list = false;
  for (std::string line; !header.attached && header.end < longest_text_header;) {
    const bool first = header.end == 0;
    if (!read_line(*in, line, header.end)) break;
    const auto text = trimmed(line);
    if (first) {
      if (text.size() != 8 || !text.starts_with("NRRD000") || text[7] < '1' || text[7] > '5')
        header.fields.refuse("begins with '" + printable(text.substr(0, 16)) + "', expected NRRD0001 to NRRD0005");
    } else if (in_list) {
      if (!text.empty()) header.list.emplace_back(text);
    } else if (text.empty()) {
      header.attached = true;
    } else {
      read_field(line, header);
      in_list = is_list(header.fields.text({"data file"}).value_or(""));
    }
  }
  return header;
}

std::string word_of(const TextHeader& header, const char* name) { return lower(header.text({name}).value_or("")); }

Element nrrd_element(const TextHeader& header) {
  static const std::map<std::string, Element> elements = [] {
    std::map<std::string, Element> all{{"signed char", Element::int8}, {"int8", Element::int8},
                                       {"uchar", Element::uint8},      {"unsigned char", Element::uint8},
                                       {"uint8", Element::uint8},      {"float", Element::float32},
                                       {"double", Element::float64}};
    const auto add = [&](const std::string& c, const std::string& bits, Element whole, Element natural) {
      for (const auto& name : {c, c + " int", "signed " + c, "signed " + c + " int", "int" + bits}) all[name] = whole;
      for (const auto& name : {"u" + c, "unsigned " + c, "unsigned " + c + " int", "uint" + bits}) all[name] = natural;
    };
    add("short", "16", Element::int16, Element::uint16);
    add("int", "32", Element::int32, Element::uint32);
    add("long long", "64", Element::int64, Element::uint64);
    all["longlong"] = Element::int64;
    all["ulonglong"] = Element::uint64;
    for (const auto* name : {"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"})
      all[std::string(name) + "_t"] = all.at(name);
    return all;
  }();
  const auto found = elements.find(word_of(header, "type"));
  if (found == elements.end()) header.refuse({"type"}, "one number per voxel, as short");
  return found->second;
}

bool swap_of(const TextHeader& header, Element element) {
  static_assert(std::endian::native == std::endian::little);
  const auto word = word_of(header, "endian");
  if (word == "big") return true;
  if (word != "little" && !(word.empty() && size_of(element) == 1)) header.refuse({"endian"}, "little or big");
  return false;
}

bool compressed(const TextHeader& header) {
  const auto word = word_of(header, "encoding");
  if (word == "gzip" || word == "gz") return true;
  if (word != "raw") header.refuse({"encoding"}, "raw or gzip");
  return false;
}

/// "(x,y,z) (x,y,z) ..." of `count` vectors.
std::vector<Point3> vectors(const TextHeader& header, const char* name, std::size_t count) {
  const std::string text = header.text({name}).value_or("");
  const std::string expected = counted(static_cast<long long>(count), "vector") + " of 3 numbers, as (1,0,0)";
  std::vector<Point3> found;
  for (auto rest = trimmed(text); !rest.empty();) {
    const auto close = rest.find(')');
    if (!rest.starts_with('(') || close == std::string_view::npos || found.size() == count)
      header.refuse({name}, expected);
    auto inside = rest.substr(1, close - 1);
    Point3& point = found.emplace_back();
    for (int i = 0; i < 3; ++i) {
      const auto comma = i < 2 ? inside.find(',') : inside.size();
      const auto value =
          comma == std::string_view::npos ? std::nullopt : parse_number(trimmed(inside.substr(0, comma)));
      if (!value) header.refuse({name}, expected);
      point[i] = *value;
      inside.remove_prefix(std::min(comma + 1, inside.size()));
    }
    rest = trimmed(rest.substr(close + 1));
  }
  if (found.size() != count) header.refuse({name}, expected);
  return found;
}

/// What turns the header's world into LPS, mm: a factor along each of its axes.
Point3 to_lps(const TextHeader& header) {
  static const std::map<std::string, Point3> spaces{{"left-posterior-superior", {1, 1, 1}},   {"lps", {1, 1, 1}},
                                                    {"right-anterior-superior", {-1, -1, 1}}, {"ras", {-1, -1, 1}},
                                                    {"left-anterior-superior", {1, -1, 1}},   {"las", {1, -1, 1}}};
  static const std::map<std::string_view, double> units{
      {"\"mm\"", 1}, {"\"cm\"", 10}, {"\"m\"", 1000}, {"\"um\"", 1e-3}, {"\"\"", 1}};
  const auto space = spaces.find(word_of(header, "space"));
  if (space == spaces.end())
    header.refuse({"space"},
                  "left-posterior-superior, right-anterior-superior or left-anterior-superior: how the patient lies");
  (void)header.whole({"space dimension"}, 3, 3);
  Point3 factors = space->second;
  const auto text = header.text({"space units"});
  if (!text) return factors;
  const auto words_of_units = words(*text);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto unit = words_of_units.size() == 3 ? units.find(words_of_units[i]) : units.end();
    if (unit == units.end()) header.refuse({"space units"}, "\"mm\" \"mm\" \"mm\" (or cm, m, um)");
    factors[i] *= unit->second;
  }
  return factors;
}

/// Spacings beside space directions must be their lengths; nan says nothing.
void compare_spacings(const TextHeader& header, const std::vector<Point3>& directions) {
  const auto text = header.text({"spacings"});
  if (!text) return;
  const auto given = words(*text);
  for (std::size_t i = 0; i < 3; ++i) {
    if (given.size() == 3 && lower(std::string(given[i])) == "nan") continue;
    const auto value = given.size() == 3 ? parse_number(given[i]) : std::nullopt;
    if (!value) header.refuse({"spacings"}, "3 numbers");
    if (!same_length(std::abs(*value), norm(directions[i])))
      header.refuse("spacings say '" + printable(*text) + "', space directions " +
                    product({norm(directions[0]), norm(directions[1]), norm(directions[2])}) +
                    ", and nothing says which is right");
  }
}

/// Each axis lies in space. Centerings do not matter here: the origin is the centre of the first voxel for either.
void require_spatial_axes(const TextHeader& header) {
  static const std::set<std::string> spatial{"domain", "space", "none", "???"};
  const std::string text = word_of(header, "kinds");
  const auto kinds = words(text);
  if (!kinds.empty() && (kinds.size() != 3 || std::any_of(kinds.begin(), kinds.end(), [&](auto kind) {
                           return !spatial.contains(std::string(kind));
                         })))
    header.refuse({"kinds"}, "domain domain domain");
}

Grid nrrd_grid(const TextHeader& header, const Index3& shape, std::vector<std::string>& warnings) {
  const Point3 factors = to_lps(header);
  require_spatial_axes(header);
  const auto directions = vectors(header, "space directions", 3);
  compare_spacings(header, directions);
  const auto turned = [&](const Point3& point) {
    return Point3{point[0] * factors[0], point[1] * factors[1], point[2] * factors[2]};
  };
  Grid grid{.shape = shape};
  for (std::size_t i = 0; i < 3; ++i) grid.step[2 - i] = turned(directions[i]);
  if (header.text({"space origin"}))
    grid.origin = turned(vectors(header, "space origin", 1).front());
  else
    warnings.push_back("no space origin: positions are counted from the first voxel");
  return grid;
}

/// The byte after `lines` more lines from a byte of a file on.
std::int64_t after_lines(const TextHeader& header, const VoxelFiles::Part& part, std::int64_t lines) {
  const auto in = part.file.open();
  in->seekg(part.at);
  std::int64_t at = part.at;
  for (char c = 0; lines > 0 && in->get(c); ++at)
    if (c == '\n') --lines;
  if (lines > 0) header.refuse({"line skip"}, "as many lines in " + printable(part.file.path().string()));
  return at;
}

/// Where data file, line skip and byte skip say that the voxels lie.
VoxelFiles nrrd_voxel_files(const NrrdLines& lines) {
  const auto& header = lines.fields;
  const auto& file = header.file();
  VoxelFiles voxels;
  voxels.compressed = compressed(header);
  const auto data = header.text({"data file"});
  if (!data || *data == "LOCAL") {
    if (!lines.attached) header.refuse("header without voxels: no empty line ends it, no data file is named");
    voxels.parts = {{file, lines.end}};
  } else if (is_list(*data)) {
    voxels.one_a_slice = true;
    if (*data != "LIST" && *data != "LIST 2") header.refuse({"data file"}, "LIST, a file for each slice");
    for (const auto& name : lines.list) voxels.parts.push_back({named_file(file, name), 0});
  } else if (words(*data).size() >= 4 && data->find('%') != std::string::npos) {
    header.refuse({"data file"}, "a file or LIST, not a pattern of names");
  } else {
    voxels.parts = {{named_file(file, *data), 0}};
  }
  const auto skip = header.whole({"byte skip"}, VoxelFiles::at_end, most_file_bytes).value_or(0);
  if (const auto line_skip = header.whole({"line skip"}, 0, most_file_bytes).value_or(0); line_skip > 0)
    for (auto& part : voxels.parts) part.at = after_lines(header, part, line_skip);
  if (voxels.compressed) {
    if (skip == VoxelFiles::at_end) header.refuse({"byte skip"}, "0 or more before compressed voxels");
    voxels.pass_over = skip;
  } else {
    for (auto& part : voxels.parts) part.at = skip == VoxelFiles::at_end ? skip : part.at + skip;
  }
  return voxels;
}

DetachedVolume parse_nrrd(const InputFile& file) {
  const NrrdLines lines = read_nrrd_lines(file);
  const auto& header = lines.fields;
  if (header.whole({"dimension"}, 1, 16) != 3) header.refuse({"dimension"}, "3: one volume");
  DetachedVolume volume;
  if (!lines.unknown.empty())
    volume.warnings.push_back(counted(static_cast<long long>(lines.unknown.size()), "line") +
                              " of no field that NRRD has, not read; the first: '" +
                              printable(lines.unknown.front().substr(0, 40)) + "'");
  volume.format.element = nrrd_element(header);
  volume.format.swap = swap_of(header, volume.format.element);
  volume.grid = nrrd_grid(header, header.shape({"sizes"}), volume.warnings);
  volume.voxels = nrrd_voxel_files(lines);
  require_voxel_files(file, volume);
  return volume;
}

}  // namespace

VolumeHeader read_nrrd_header(const InputFile& file) { return header_of(file, parse_nrrd(file)); }

Volume read_nrrd(const InputFile& file) { return read_voxel_files(file, parse_nrrd(file), "NRRD"); }

}  // namespace pleura::scan
