#include "scan/gzip.hpp"

#include <array>

namespace pleura::scan {

bool is_gzip(const InputFile& file) {
  std::array<char, 2> magic{};
  const auto in = file.open();
  return in->read(magic.data(), magic.size()) && magic[0] == '\x1F' && magic[1] == '\x8B';
}

StreamReader open_gzip(const InputFile& file) { return {file, 0, is_gzip(file)}; }

std::int64_t most_bytes(const InputFile& file) { return file.size() * (is_gzip(file) ? most_inflated : 1); }

}  // namespace pleura::scan
