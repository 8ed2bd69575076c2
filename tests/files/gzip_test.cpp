#include "files/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <vector>

namespace pleura::files {
namespace {

std::vector<std::byte> noise(std::size_t bytes) {
  std::mt19937 random(1);
  std::vector<std::byte> made(bytes);
  for (std::byte& value : made) value = static_cast<std::byte>(random() % 64);
  return made;
}

std::vector<std::byte> packed(std::span<const std::byte> bytes, std::size_t step) {
  std::vector<std::byte> file;
  GzipWriter gzip([&](std::span<const std::byte> part) { file.insert(file.end(), part.begin(), part.end()); });
  for (std::size_t at = 0; at < bytes.size(); at += step)
    gzip.write(bytes.subspan(at, std::min(step, bytes.size() - at)));
  gzip.finish();
  return file;
}

std::vector<std::byte> unpacked(std::vector<std::byte> file, std::size_t most) {
  std::vector<std::byte> bytes(most + 1);
  z_stream z{};
  EXPECT_EQ(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(file.data());
  z.avail_in = static_cast<uInt>(file.size());
  z.next_out = reinterpret_cast<Bytef*>(bytes.data());
  z.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(inflate(&z, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(z.avail_in, 0U);
  bytes.erase(bytes.end() - z.avail_out, bytes.end());
  inflateEnd(&z);
  return bytes;
}

TEST(GzipWriter, GivesTheSameFileHoweverTheBytesArrive) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{300000}}) {
    const auto bytes = noise(size);
    const auto file = packed(bytes, 300000);
    EXPECT_EQ(unpacked(file, size), bytes);
    EXPECT_EQ(packed(bytes, 777), file) << size;
  }
}

}  // namespace
}  // namespace pleura::files
