#include "scan/gzip.hpp"

#include <array>

#include "pleura/error.hpp"
#include "scan/unpack.hpp"

namespace pleura::scan {

bool is_gzip(const InputFile& file) {
  std::array<char, 2> magic{};
  const auto in = file.open();
  return in->read(magic.data(), magic.size()) && magic[0] == '\x1F' && magic[1] == '\x8B';
}

StreamReader open_gzip(const InputFile& file) { return {file, 0, is_gzip(file)}; }

InputFile decompressed(const InputFile& file, std::int64_t most_memory) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Status::input_refused, file.path().string() + ": " + why);
  };
  const std::int64_t most = most_unpacked(file.size());
  auto memory = std::make_shared<FilesInMemory>();
  Bytes& bytes = (*memory)[file.path()];
  auto reader = open_gzip(file);
  constexpr std::size_t step = 1 << 20;
  for (std::size_t got = step; got == step;) {
    bytes.resize(bytes.size() + step);
    got = reader.read(std::span(bytes).last(step));
    bytes.resize(bytes.size() - step + got);
    if (static_cast<std::int64_t>(bytes.size()) > most_memory) throw too_large_for_memory(file.path(), most_memory);
    if (static_cast<std::int64_t>(bytes.size()) > most)
      refuse("a gzip file of more than " + std::to_string(most >> 20) + " MiB once unpacked");
  }
  if (!reader.whole()) refuse("a truncated or damaged gzip file");
  return {file.path(), memory};
}

std::int64_t most_bytes(const InputFile& file) { return file.size() * (is_gzip(file) ? most_inflated : 1); }

}  // namespace pleura::scan
