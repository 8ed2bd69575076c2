#pragma once
/// bf16 and fp16 as 16-bit patterns, rounded to nearest even.
#include <bit>
#include <cstdint>

#include "runtime/tensor.hpp"

namespace pleura::runtime {

[[nodiscard]] constexpr float bf16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

[[nodiscard]] constexpr std::uint16_t float_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);  // NaN stays NaN
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

[[nodiscard]] float fp16_to_float(std::uint16_t bits);
[[nodiscard]] std::uint16_t float_to_fp16(float value);

/// One element of a tensor widened to float, and a float rounded into one. Integer types saturate.
[[nodiscard]] float load_element(DType type, const void* data, std::int64_t index);
void store_element(DType type, void* data, std::int64_t index, float value);

/// The value nearest to a float that a type holds.
[[nodiscard]] float round_to(DType type, float value);

}  // namespace pleura::runtime
