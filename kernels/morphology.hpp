#pragma once
/// Binary morphology in the plane of the slices, in millimetres: integer-exact through spacings in micrometres.
#include <cstdint>
#include <vector>

#include "kernels/bit_volume.hpp"

namespace pleura::kernels {

/// A disc as half-widths: half_widths[|dy|] is the largest |dx| with (dx sx)^2 + (dy sy)^2 <= r^2 in whole micrometres.
struct Disc {
  std::vector<std::int64_t> half_widths;
};

/// The disc of a radius on a grid of (y, x) spacings, all in micrometres.
[[nodiscard]] Disc make_disc(std::int64_t radius_um, std::int64_t spacing_y_um, std::int64_t spacing_x_um);

/// Ones become zeros and zeros ones; the bits past the end of a row stay zero.
void invert_slice(std::uint64_t* bits, std::int64_t height, std::int64_t width);

/// One slice (rows of words as in BitVolume) with ones wherever the disc around a voxel meets a one. `out` must not be
/// `in`.
void dilate_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                  std::uint64_t* out);

/// One slice with ones wherever the disc around a voxel holds ones only; beyond the slice counts as ones.
void erode_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out);

/// Dilation, then erosion of what it gave, as if the slice went on with zeros far enough that its edge plays no part.
void close_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out);

namespace reference {
void dilate_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                  std::uint64_t* out);
void erode_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out);
void close_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out);
}  // namespace reference

}  // namespace pleura::kernels
