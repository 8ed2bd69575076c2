#pragma once
/// Rows of volume files with a text header (MetaImage, NRRD): a header of whole lines, one of which a row changes.
#include <zlib.h>

#include "tests/scan/volume_table.hpp"

namespace pleura::scan::test {

/// A header's lines and the voxels, behind them or in files beside them.
struct TextVolume {
  std::string lines;  ///< each with its end
  std::string end;    ///< the last lines of the header
  std::string voxels = table_bytes<std::int16_t>();
  std::vector<std::pair<std::string, std::string>> files = {};  ///< others, by name

  /// Puts `line` in the place of the one that begins with `name`; without one, an empty `line` removes it.
  void set(const std::string& name, const std::string& line) {
    const auto at = lines.find(name);
    ASSERT_NE(at, std::string::npos) << name;
    lines.replace(at, lines.find('\n', at) - at + 1, line.empty() ? "" : line + "\n");
  }
  void add(const std::string& line) { lines += line + "\n"; }
  [[nodiscard]] std::string bytes() const { return lines + end + voxels; }
};

using TextChange = std::function<void(TextVolume&)>;

/// zlib's format, or gzip's.
inline std::string deflated(const std::string& bytes, bool gzip) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + (gzip ? 16 : 0), 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// Voxels into a file of their own, which the header's last line names.
inline void detach(TextVolume& volume, const std::string& end, const std::string& name) {
  volume.end = end;
  volume.files.emplace_back(name, volume.voxels);
  volume.voxels.clear();
}

/// One file for each slice, named below the header's last line.
inline void list(TextVolume& volume, const std::string& end) {
  volume.end = end;
  const auto slice = volume.voxels.size() / static_cast<std::size_t>(table_size[2]);
  for (std::int64_t k = 0; k < table_size[2]; ++k) {
    const std::string name = "slice" + std::to_string(k);
    volume.end += name + "\n";
    volume.files.emplace_back(name, volume.voxels.substr(static_cast<std::size_t>(k) * slice, slice));
  }
  volume.voxels.clear();
}

/// The rows of one format, whose header as it stands is `good`.
class TextTable {
 public:
  TextTable(std::string format, TextVolume good) : format_(std::move(format)), good_(std::move(good)) {}

  void read(std::string property, std::string value, const TextChange& change, TableCt expected = {},
            std::vector<std::string> warned = {}) {
    expected.format = format_;
    Row row = row_of(std::move(property), std::move(value), change);
    row.read_as = reads(expected);
    row.warned_with = std::move(warned);
    rows.push_back(std::move(row));
  }

  void refused(std::string property, std::string value, const TextChange& change, std::vector<std::string> parts) {
    Row row = row_of(std::move(property), std::move(value), change);
    row.refused_with = std::move(parts);
    rows.push_back(std::move(row));
  }

  std::vector<Row> rows;

 private:
  [[nodiscard]] Row row_of(std::string property, std::string value, const TextChange& change) const {
    const auto write = [good = good_, change](const std::filesystem::path& folder) {
      TextVolume volume = good;
      change(volume);
      save(folder / "ct", volume.bytes());
      for (const auto& [name, bytes] : volume.files) save(folder / name, bytes);
    };
    return {.property = std::move(property), .value = std::move(value), .write = write};
  }

  std::string format_;
  TextVolume good_;
};

/// A row that replaces the line beginning with `name` by `line`.
inline TextChange line(const std::string& name, const std::string& by) {
  return [=](TextVolume& volume) { volume.set(name, by); };
}
inline TextChange extra(const std::string& added) {
  return [=](TextVolume& volume) { volume.add(added); };
}

}  // namespace pleura::scan::test
