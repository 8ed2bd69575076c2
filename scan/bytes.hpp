#pragma once
/// Fixed-layout binary headers and voxel types, in either byte order.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>

namespace pleura::scan {

/// The T at an offset, its bytes reversed where `swap`. The caller has checked that it lies inside.
template <typename T>
[[nodiscard]] T load(std::span<const std::byte> bytes, std::size_t offset, bool swap) {
  std::array<std::byte, sizeof(T)> raw{};
  std::memcpy(raw.data(), bytes.data() + offset, sizeof(T));
  if (swap) std::reverse(raw.begin(), raw.end());
  T value;
  std::memcpy(&value, raw.data(), sizeof(T));
  return value;
}

template <typename T>
void store(std::span<std::byte> bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

/// The number types that voxels come in.
enum class Element { int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64 };

[[nodiscard]] std::size_t size_of(Element element);

/// bytes (whole elements) as doubles.
void to_double(Element element, std::span<const std::byte> bytes, bool swap, std::span<double> values);

}  // namespace pleura::scan
