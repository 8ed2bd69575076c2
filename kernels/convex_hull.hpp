#pragma once
/// Convex hull of the ones of one slice, over the centres of its voxels, in whole numbers.
#include <cstdint>
#include <vector>

namespace pleura::kernels {

/// A voxel of a slice.
struct Pixel {
  std::int64_t y = 0, x = 0;
  bool operator==(const Pixel&) const = default;
};

/// The hull's corners as two chains of rising y, from the first row with a one to the last: on the side of low and of
/// high x. No three corners of a chain lie on a line. Empty where the slice is.
struct ConvexHull {
  std::vector<Pixel> low, high;
};

[[nodiscard]] ConvexHull convex_hull(const std::uint64_t* bits, std::int64_t height, std::int64_t width);

/// Sets the bits of every voxel whose centre lies in the hull or on its border; the others stay.
void fill_hull(const ConvexHull& hull, std::int64_t width, std::uint64_t* bits);

namespace reference {
/// Corners: ends of a row's ones that lie outside of every line from the end of a row above to that of a row below.
[[nodiscard]] ConvexHull convex_hull(const std::uint64_t* bits, std::int64_t height, std::int64_t width);
/// The voxels that convex_hull and fill_hull give: in each row those between the outermost of such lines, and of the
/// ends of its own ones.
void fill_convex_hull(const std::uint64_t* in, std::int64_t height, std::int64_t width, std::uint64_t* out);
}  // namespace reference

}  // namespace pleura::kernels
