#include "kernels/bit_volume.hpp"

#include <algorithm>
#include <bit>

namespace pleura::kernels {
namespace {

/// Calls visit(word index, mask of the bits of [begin, end) in that word).
template <typename Visit>
void for_each_word(std::int64_t begin, std::int64_t end, const Visit& visit) {
  while (begin < end) {
    const std::int64_t word = begin / 64, stop = std::min(end, (word + 1) * 64);
    visit(word, ~std::uint64_t{0} >> (64 - (stop - begin)) << (begin % 64));
    begin = stop;
  }
}

}  // namespace

std::int64_t count_bits(const std::uint64_t* row, std::int64_t begin, std::int64_t end) {
  std::int64_t count = 0;
  for_each_word(begin, end, [&](std::int64_t word, std::uint64_t mask) { count += std::popcount(row[word] & mask); });
  return count;
}

void fill_bits(std::uint64_t* row, std::int64_t begin, std::int64_t end, bool value) {
  for_each_word(begin, end, [&](std::int64_t word, std::uint64_t mask) {
    row[word] = value ? row[word] | mask : row[word] & ~mask;
  });
}

}  // namespace pleura::kernels
