// Element types against the compiler's own, and tensors' sizes and names.
#include "runtime/tensor.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/float16.hpp"

namespace pleura::runtime {
namespace {

float compiler_half(std::uint16_t bits) {
  _Float16 half{};
  std::memcpy(&half, &bits, 2);
  return static_cast<float>(half);
}

std::uint16_t compiler_half(float value) {
  const auto half = static_cast<_Float16>(value);
  std::uint16_t bits = 0;
  std::memcpy(&bits, &half, 2);
  return bits;
}

TEST(Float16, ReadsEveryHalf) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float expected = compiler_half(half), found = fp16_to_float(half);
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(found)) << bits;
    else
      EXPECT_EQ(std::bit_cast<std::uint32_t>(found), std::bit_cast<std::uint32_t>(expected)) << bits;
  }
}

TEST(Float16, RoundsToNearestEvenHalf) {
  // Every 1031st float, so all exponents and the ends of every binade's neighbourhood.
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 1031) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isnan(value))
      ASSERT_TRUE(std::isnan(fp16_to_float(float_to_fp16(value))));
    else
      ASSERT_EQ(float_to_fp16(value), compiler_half(value)) << bits;
  }
  for (const float tie : {1 + 0x1p-11f, 1 + 0x3p-11f, 0x1p-25f, 0x3p-25f, 65519.99f, 65520.0f, -65520.0f, 0x1.ffcp-15f})
    EXPECT_EQ(float_to_fp16(tie), compiler_half(tie)) << tie;
}

TEST(Float16, RoundsToNearestEvenBf16) {
  EXPECT_EQ(round_to(DType::bf16, 1.0f), 1.0f);
  EXPECT_EQ(round_to(DType::bf16, 1 + 0x1p-8f), 1.0f) << "a tie goes to the even neighbour";
  EXPECT_EQ(round_to(DType::bf16, 1 + 0x3p-8f), 1 + 0x1p-6f);
  EXPECT_EQ(round_to(DType::bf16, 1 + 0x1.01p-8f), 1 + 0x1p-7f);
  EXPECT_EQ(round_to(DType::bf16, -3.4e38f), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(round_to(DType::bf16, std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(std::bit_cast<float>(0x7f800001u))))) << "not infinity";
}

TEST(Elements, SaturateIntegers) {
  EXPECT_EQ(round_to(DType::s8, 1e9f), 127);
  EXPECT_EQ(round_to(DType::s8, -200), -128);
  EXPECT_EQ(round_to(DType::s8, 2.5f), 2);
  EXPECT_EQ(round_to(DType::u8, -3), 0);
  EXPECT_EQ(round_to(DType::u8, 300), 255);
  EXPECT_EQ(round_to(DType::f32, 0.1f), 0.1f);
  EXPECT_EQ(round_to(DType::f16, 2049), 2048);
}

TEST(Tensors, KnowTheirBytes) {
  const TensorDesc half{DType::bf16, {1, 2, 3, 4, 5}, 10};
  EXPECT_EQ(half.bytes(), (23 * 10 + 5) * 2);
  EXPECT_EQ(half.plane_bytes(), 12 * 10 * 2);
  EXPECT_EQ(dense(DType::f32, {1, 1, 1, 0, 5}).bytes(), 0);
  EXPECT_EQ(to_string(half), "bf16:1x2x3x4x5/10");
  EXPECT_EQ(to_string(dense(DType::f32, {7, 1, 1, 1, 3})), "f32:7x1x1x1x3");
  for (const auto& [type, name, bytes] : {std::tuple{DType::f32, "f32", 4},
                                          {DType::f16, "f16", 2},
                                          {DType::bf16, "bf16", 2},
                                          {DType::s8, "s8", 1},
                                          {DType::u8, "u8", 1}}) {
    EXPECT_STREQ(name_of(type), name);
    EXPECT_EQ(size_of(type), bytes);
  }
}

}  // namespace
}  // namespace pleura::runtime
