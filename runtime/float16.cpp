#include "runtime/float16.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace pleura::runtime {
namespace {

template <class T>
T read(const void* data, std::int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return value;
}

template <class T>
void write(void* data, std::int64_t index, T value) {
  std::memcpy(static_cast<char*>(data) + index * static_cast<std::int64_t>(sizeof(T)), &value, sizeof(T));
}

template <class T>
T saturate(float value) {
  constexpr float low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return static_cast<T>(std::nearbyint(std::clamp(value, low, high)));
}

}  // namespace

float load_element(DType type, const void* data, std::int64_t index) {
  switch (type) {
    case DType::f32:
      return read<float>(data, index);
    case DType::f16:
      return fp16_to_float(read<std::uint16_t>(data, index));
    case DType::bf16:
      return bf16_to_float(read<std::uint16_t>(data, index));
    case DType::s8:
      return read<std::int8_t>(data, index);
    case DType::u8:
      return read<std::uint8_t>(data, index);
  }
  return NAN;
}

void store_element(DType type, void* data, std::int64_t index, float value) {
  switch (type) {
    case DType::f32:
      return write(data, index, value);
    case DType::f16:
      return write(data, index, float_to_fp16(value));
    case DType::bf16:
      return write(data, index, float_to_bf16(value));
    case DType::s8:
      return write(data, index, saturate<std::int8_t>(value));
    case DType::u8:
      return write(data, index, saturate<std::uint8_t>(value));
  }
}

float round_to(DType type, float value) {
  float slot = 0;
  store_element(type, &slot, 0, value);
  return load_element(type, &slot, 0);
}

}  // namespace pleura::runtime
