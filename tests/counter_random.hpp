#pragma once
/// Numbers from a counter, the same in C++ and in the Python scripts that made the reference files
/// (docs/weights-format.md).
#include <cstdint>
#include <string_view>
#include <vector>

namespace pleura::test {

/// `count` values in [-1, 1) that depend on the name and the seed alone.
inline std::vector<float> uniform(std::string_view name, std::uint64_t seed, std::int64_t count) {
  std::uint64_t key = 0xcbf29ce484222325u;
  for (const char c : name) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  key ^= seed;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint64_t z = key + i * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    values[i] = static_cast<float>((z ^ z >> 31) >> 40) * 0x1p-23f - 1.0f;
  }
  return values;
}

}  // namespace pleura::test
