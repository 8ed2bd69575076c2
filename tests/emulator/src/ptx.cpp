#include <cstddef>
#include <cstring>
#include <type_traits>

#include "../include/emulated_ptx.h"
#include "block.hpp"
#include "report.hpp"

namespace emulator {

namespace {

double half_at(const unsigned char* bytes, int index) {
  _Float16 value;
  std::memcpy(&value, bytes + 2 * index, sizeof value);
  return static_cast<double>(static_cast<float>(value));  // two instructions, where one step is a call
}

// Fragments of A (rows g and g + 8, one register a column group of `per_register` elements) and of B, as all lanes
// brought them.
struct Fragments {
  std::uint32_t a[4], b[2];
};

template <int RowsOfA, class Element>
struct Matrices {
  const Slots& slots;
  static constexpr int per_register = std::is_same_v<Element, std::int8_t> ? 4 : 2;

  [[nodiscard]] double element(unsigned lane, std::size_t base, int reg, int index) const {
    const unsigned char* bytes = slots.lane[lane] + base + 4 * reg;
    if constexpr (per_register == 4)
      return static_cast<std::int8_t>(bytes[index]);
    else
      return half_at(bytes, index);
  }

  // Columns k of A and rows k of B lie in the lane (k / per_register) % 4 of their group, in register group k / (4 *
  // per_register).
  [[nodiscard]] double a(int row, int k) const {
    const int in_group = k / per_register % 4, group = k / (4 * per_register);
    const int reg = RowsOfA == 16 ? row / 8 + 2 * group : group;
    return element(static_cast<unsigned>(row % 8 * 4 + in_group), offsetof(Fragments, a), reg, k % per_register);
  }
  [[nodiscard]] double b(int k, int column) const {
    const int in_group = k / per_register % 4, group = k / (4 * per_register);
    return element(static_cast<unsigned>(column * 4 + in_group), offsetof(Fragments, b), group, k % per_register);
  }
};

template <class Element, int Rows, int Depth, class Accumulator, int Outputs, std::size_t A, std::size_t B>
void multiply(const char* operation, Accumulator (&d)[Outputs], const std::uint32_t (&a)[A],
              const std::uint32_t (&b)[B]) {
  Fragments mine{};
  std::memcpy(mine.a, a, sizeof a);
  std::memcpy(mine.b, b, sizeof b);
  const Matrices<Rows, Element> all{meet_warp(0xffffffffU, operation, &mine, sizeof mine)};
  const int group = static_cast<int>(lane() / 4), in_group = static_cast<int>(lane() % 4);
  for (int i = 0; i < Outputs; ++i) {
    const int row = group + 8 * (i / 2), column = 2 * in_group + i % 2;
    double sum = static_cast<double>(d[i]);
    for (int k = 0; k < Depth; ++k) sum += all.a(row, k) * all.b(k, column);
    d[i] = static_cast<Accumulator>(sum);
  }
}

}  // namespace

void mma_m16n8k16_f16(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  multiply<_Float16, 16, 16>("mma.m16n8k16.f16", d, a, b);
}

void mma_m16n8k8_f16(float (&d)[4], const std::uint32_t (&a)[2], const std::uint32_t (&b)[1]) {
  multiply<_Float16, 16, 8>("mma.m16n8k8.f16", d, a, b);
}

void mma_m16n8k32_s8(std::int32_t (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  multiply<std::int8_t, 16, 32>("mma.m16n8k32.s8", d, a, b);
}

void mma_m8n8k16_s8(std::int32_t (&d)[2], const std::uint32_t (&a)[1], const std::uint32_t (&b)[1]) {
  multiply<std::int8_t, 8, 16>("mma.m8n8k16.s8", d, a, b);
}

void ldmatrix(std::uint32_t* registers, int matrices, bool transpose, const void* row) {
  if (static_cast<int>(lane()) < 8 * matrices) {  // only these lanes' addresses are used
    if (reinterpret_cast<std::uintptr_t>(row) % 16 != 0)
      fail("misaligned access", "ldmatrix: row %p is not 16-byte aligned", row);
    if (!is_shared(row, 16)) fail("ldmatrix", "row %p is not in this block's shared memory", row);
  }
  // The values travel with the meeting: each lane reads its own row, so that ThreadSanitizer sees who read what.
  unsigned char mine[16] = {};
  if (static_cast<int>(lane()) < 8 * matrices) {
    std::size_t bytes = sizeof mine;
    asm volatile("" : "+r"(bytes));  // a call, which ThreadSanitizer sees, not an inlined copy
    std::memcpy(mine, row, bytes);
  }
  const Slots& slots = meet_warp(0xffffffffU, "ldmatrix", mine, sizeof mine);
  const unsigned group = lane() / 4, in_group = lane() % 4;
  for (int matrix = 0; matrix < matrices; ++matrix) {
    const unsigned first = static_cast<unsigned>(8 * matrix);
    if (!transpose) {
      std::memcpy(&registers[matrix], slots.lane[first + group] + 4 * in_group, 4);
    } else {
      auto* halves = reinterpret_cast<unsigned char*>(&registers[matrix]);
      std::memcpy(halves, slots.lane[first + 2 * in_group] + 2 * group, 2);
      std::memcpy(halves + 2, slots.lane[first + 2 * in_group + 1] + 2 * group, 2);
    }
  }
}

}  // namespace emulator
