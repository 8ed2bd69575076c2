#include "kernels/convex_hull.hpp"

#include <algorithm>
#include <bit>

#include "kernels/bit_volume.hpp"

namespace pleura::kernels {
namespace {

/// Adds a point of a later row to a chain that turns one way: `side` is 1 for the chain of low x, -1 for that of high
/// x.
void extend(std::vector<Pixel>& chain, const Pixel& point, std::int64_t side) {
  while (chain.size() > 1) {
    const Pixel &a = chain[chain.size() - 2], &b = chain.back();
    const std::int64_t turn = (b.y - a.y) * (point.x - a.x) - (b.x - a.x) * (point.y - a.y);
    if (turn * side > 0) break;
    chain.pop_back();
  }
  chain.push_back(point);
}

/// Where a chain crosses row y, as a numerator over a positive denominator; `corner` moves on to the edge that holds
/// the row.
std::pair<std::int64_t, std::int64_t> cross(const std::vector<Pixel>& chain, std::size_t& corner, std::int64_t y) {
  while (corner + 1 < chain.size() && chain[corner + 1].y <= y) ++corner;
  const Pixel& a = chain[corner];
  if (a.y == y) return {a.x, 1};
  const Pixel& b = chain[corner + 1];
  return {a.x * (b.y - a.y) + (y - a.y) * (b.x - a.x), b.y - a.y};
}

}  // namespace

ConvexHull convex_hull(const std::uint64_t* bits, std::int64_t height, std::int64_t width) {
  const std::int64_t row_words = (width + 63) / 64;
  ConvexHull hull;
  for (std::int64_t y = 0; y < height; ++y, bits += row_words) {
    std::int64_t first = 0, last = row_words - 1;
    while (first < row_words && bits[first] == 0) ++first;
    if (first == row_words) continue;
    while (bits[last] == 0) --last;
    extend(hull.low, {y, first * 64 + std::countr_zero(bits[first])}, 1);
    extend(hull.high, {y, last * 64 + 63 - std::countl_zero(bits[last])}, -1);
  }
  return hull;
}

void fill_hull(const ConvexHull& hull, std::int64_t width, std::uint64_t* bits) {
  if (hull.low.empty()) return;
  std::size_t low_corner = 0, high_corner = 0;
  for (std::int64_t y = hull.low.front().y; y <= hull.low.back().y; ++y) {
    const auto [low, low_under] = cross(hull.low, low_corner, y);
    const auto [high, high_under] = cross(hull.high, high_corner, y);
    fill_bits(bits + y * ((width + 63) / 64), (low + low_under - 1) / low_under, high / high_under + 1, true);
  }
}

}  // namespace pleura::kernels
