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

float fp16_to_float(std::uint16_t bits) {
  const float magnitude = [&] {
    const int exponent = bits >> 10 & 0x1f, mantissa = bits & 0x3ff;
    if (exponent == 31) return mantissa == 0 ? INFINITY : NAN;
    if (exponent == 0) return std::ldexp(static_cast<float>(mantissa), -24);
    return std::ldexp(static_cast<float>(mantissa | 0x400), exponent - 25);
  }();
  return bits & 0x8000 ? -magnitude : magnitude;
}

std::uint16_t float_to_fp16(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (magnitude == 0) return sign;
  if (magnitude >= 65520.0f) return sign | 0x7c00;  // halfway from the largest fp16 to the next power of two
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  const int step = std::max(exponent - 11, -24);  // the spacing of fp16 here is 2^step
  const auto units = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, -step)));
  // Units of 1024 to 2048 hold the implicit bit; the carry of a rounding up runs into the exponent by itself.
  return static_cast<std::uint16_t>(sign | (units + (static_cast<std::uint32_t>(step + 24) << 10)));
}

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
