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

/// One of two values by a mask: GCC makes vectors of loops over what has no branches.
[[nodiscard]] constexpr std::uint32_t choose(bool first, std::uint32_t a, std::uint32_t b) {
  const std::uint32_t mask = 0U - static_cast<std::uint32_t>(first);
  return (a & mask) | (b & ~mask);
}

[[nodiscard]] inline float fp16_to_float(std::uint16_t bits) {
  const std::uint32_t magnitude = bits & 0x7fffU;
  const float finite = std::bit_cast<float>(magnitude << 13) * 0x1p112f;  // the exponents' biases differ by 112
  const std::uint32_t special = choose(magnitude == 0x7c00U, 0x7f800000U, 0x7fc00000U);
  const std::uint32_t value = choose(magnitude < 0x7c00U, std::bit_cast<std::uint32_t>(finite), special);
  return std::bit_cast<float>(value | static_cast<std::uint32_t>(bits & 0x8000U) << 16);
}

[[nodiscard]] inline std::uint16_t float_to_fp16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value), magnitude = bits & 0x7fffffffU;
  // The last bit of 0.5 is worth the least fp16: adding rounds a subnormal.
  const std::uint32_t small = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000U;
  // The carry of a rounding up runs into the exponent by itself, and past the largest to infinity.
  const std::uint32_t large = (magnitude - 0x38000000U + 0xfffU + (magnitude >> 13 & 1U)) >> 13;
  const std::uint32_t finite = choose(magnitude < 0x38800000U, small, choose(large < 0x7c00U, large, 0x7c00U));
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000U) | choose(magnitude > 0x7f800000U, 0x7e00U, finite));
}

/// One element of a tensor widened to float, and a float rounded into one. Integer types saturate.
[[nodiscard]] float load_element(DType type, const void* data, std::int64_t index);
void store_element(DType type, void* data, std::int64_t index, float value);

/// The value nearest to a float that a type holds.
[[nodiscard]] float round_to(DType type, float value);

}  // namespace pleura::runtime
