#include "kernels/convex_hull.hpp"

#include <algorithm>

namespace pleura::kernels::reference {
namespace {

/// Is a pixel in the triangle of three others, its border included? Corners may coincide.
bool in_triangle(const Pixel& p, const Pixel& a, const Pixel& b, const Pixel& c) {
  const auto turn = [&p](const Pixel& from, const Pixel& to) {
    return (to.y - from.y) * (p.x - from.x) - (to.x - from.x) * (p.y - from.y);
  };
  const std::int64_t ab = turn(a, b), bc = turn(b, c), ca = turn(c, a);
  if (ab == 0 && bc == 0 && ca == 0) {
    const auto [low_y, high_y] = std::minmax({a.y, b.y, c.y});
    const auto [low_x, high_x] = std::minmax({a.x, b.x, c.x});
    return p.y >= low_y && p.y <= high_y && p.x >= low_x && p.x <= high_x;
  }
  return (ab >= 0 && bc >= 0 && ca >= 0) || (ab <= 0 && bc <= 0 && ca <= 0);
}

}  // namespace

void fill_convex_hull(const std::uint64_t* in, std::int64_t height, std::int64_t width, std::uint64_t* out) {
  const std::int64_t row_words = (width + 63) / 64;
  std::fill_n(out, height * row_words, 0);
  std::vector<Pixel> ones;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      if ((in[y * row_words + x / 64] >> (x % 64) & 1) != 0) ones.push_back({y, x});
  const auto in_hull = [&](const Pixel& p) {
    for (const Pixel& a : ones)
      for (const Pixel& b : ones)
        for (const Pixel& c : ones)
          if (in_triangle(p, a, b, c)) return true;
    return false;
  };
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      if (in_hull({y, x})) out[y * row_words + x / 64] |= std::uint64_t{1} << (x % 64);
}

}  // namespace pleura::kernels::reference
