#include "kernels/convex_hull.hpp"

#include <algorithm>

namespace pleura::kernels::reference {
namespace {

/// The ends of each row's ones.
struct RowEnds {
  std::vector<Pixel> low, high;
};

RowEnds ends_of_rows(const std::uint64_t* bits, std::int64_t height, std::int64_t width) {
  RowEnds ends;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      if ((bits[y * ((width + 63) / 64) + x / 64] >> (x % 64) & 1) == 0) continue;
      if (ends.low.empty() || ends.low.back().y < y) {
        ends.low.push_back({y, x});
        ends.high.push_back({y, x});
      }
      ends.high.back().x = x;
    }
  return ends;
}

/// Does a pixel lie on a line from a point above it to one below it, or beside it, on the side of high x (side 1) or of
/// low x (-1)?
bool is_behind_line(const Pixel& pixel, const std::vector<Pixel>& points, std::int64_t side) {
  for (const Pixel& a : points)
    for (const Pixel& b : points)
      if (a.y < pixel.y && pixel.y < b.y && ((b.y - a.y) * (pixel.x - a.x) - (b.x - a.x) * (pixel.y - a.y)) * side >= 0)
        return true;
  return false;
}

}  // namespace

ConvexHull convex_hull(const std::uint64_t* bits, std::int64_t height, std::int64_t width) {
  const RowEnds ends = ends_of_rows(bits, height, width);
  ConvexHull hull;
  for (const Pixel& end : ends.low)
    if (!is_behind_line(end, ends.low, 1)) hull.low.push_back(end);
  for (const Pixel& end : ends.high)
    if (!is_behind_line(end, ends.high, -1)) hull.high.push_back(end);
  return hull;
}

void fill_convex_hull(const std::uint64_t* in, std::int64_t height, std::int64_t width, std::uint64_t* out) {
  const RowEnds ends = ends_of_rows(in, height, width);
  const auto is_within = [&](const Pixel& pixel, const std::vector<Pixel>& points, std::int64_t side) {
    const bool in_row = std::any_of(points.begin(), points.end(), [&](const Pixel& end) {
      return end.y == pixel.y && (pixel.x - end.x) * side >= 0;
    });
    return in_row || is_behind_line(pixel, points, side);
  };
  std::fill_n(out, height * ((width + 63) / 64), 0);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      if (is_within({y, x}, ends.low, 1) && is_within({y, x}, ends.high, -1))
        out[y * ((width + 63) / 64) + x / 64] |= std::uint64_t{1} << (x % 64);
}

}  // namespace pleura::kernels::reference
