#pragma once
/// From a head's logits to proposed cubes (paper 2.3; docs/networks.md, after lfz/DSB2017).
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/host_device.hpp"
#include "pleura/volume.hpp"
#include "runtime/tensor.hpp"

namespace pleura::kernels {

/// Only this many of the best go through non-maximum suppression, whose cost grows with their square [D]; on a GPU they
/// are sorted in shared memory. Trained networks propose hundreds at most; the bound is for networks that propose
/// everywhere.
inline constexpr std::int64_t most_proposals = 4096;

/// A cube with its faces along the axes of the network's grid.
struct Cube {
  double centre[3] = {};  ///< mm (z, y, x) from the centre of the grid's voxel (0, 0, 0)
  double side = 0;        ///< mm
  double logit = 0;       ///< of the objectness (mask head: of the mean foreground probability)
};

/// Those that an operation kept, best first, and what it has to say of the rest.
struct CubeCounts {
  std::int32_t kept = 0;
  std::int32_t dropped = 0;     ///< as good, but beyond the most that were asked for
  std::int32_t not_finite = 0;  ///< values of the head, or voxels, that are not finite: the cubes mean nothing
};
struct FoundCubes {
  std::vector<Cube> best;
  CubeCounts counts;
};

/// How a region-proposal head, logits (1, d, h, w, anchors * (5 + extra_classes)), is read: of each anchor objectness,
/// t_z, t_y, t_x, t_d. centre = grid point + t * anchor, side = anchor * exp(t_d), clamped.
struct ProposalDecoding {
  std::vector<double> anchors_mm;
  std::int64_t extra_classes = 0;
  std::int64_t stride = 4;             ///< voxels of the grid to one cell of the head
  std::array<double, 3> spacing_mm{};  ///< of the grid (z, y, x)
  double lowest_logit = 0;             ///< of a proposal
  double largest_log_scale = 0;        ///< |t_d| is clamped to this
};

/// The probability of a logit; the logit of a probability, of 0 and 1 the infinities.
[[nodiscard]] inline double logistic(double logit) { return 1 / (1 + std::exp(-logit)); }
[[nodiscard]] inline double logit(double probability) { return std::log(probability) - std::log1p(-probability); }

/// Intersection over union of two cubes' volumes. Halves are exact, so that a product alone must not be fused.
PLEURA_HOST_DEVICE inline double iou(const Cube& a, const Cube& b) {
  double both = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const double low_a = a.centre[axis] - a.side / 2, low_b = b.centre[axis] - b.side / 2;
    const double high_a = a.centre[axis] + a.side / 2, high_b = b.centre[axis] + b.side / 2;
    const double low = low_a > low_b ? low_a : low_b, high = high_a < high_b ? high_a : high_b;
    if (high <= low) return 0;
    both = product(both, high - low);
  }
  const double of_a = product(product(a.side, a.side), a.side), of_b = product(product(b.side, b.side), b.side);
  return both / (of_a + of_b - both);
}

/// The centre of a proposal along an axis: of the cell's index, by t.
PLEURA_HOST_DEVICE inline double proposed_centre(std::int64_t cell, std::int64_t stride, double spacing, double t,
                                                 double anchor) {
  const double voxel = static_cast<double>(cell * stride) + static_cast<double>(stride - 1) / 2.0;  // exact
  return product(voxel, spacing) + product(t, anchor);
}

/// What exp is taken of for a side.
PLEURA_HOST_DEVICE inline double clamped_log_scale(double t, double most) {
  return t < -most ? -most : t > most ? most : t;
}

/// The index along an axis of the voxel nearest a point, in mm from voxel 0; -1 beyond the grid.
PLEURA_HOST_DEVICE inline std::int64_t nearest_voxel(double mm, double spacing, std::int64_t size) {
  const double index = mm / spacing + 0.5;
  if (!(index >= 0 && index < static_cast<double>(size))) return -1;
  return static_cast<std::int64_t>(index);
}

/// Proposals at or above the lowest logit, in the order of their cells and anchors; none where a value of the head is
/// not finite, which not_finite counts.
[[nodiscard]] FoundCubes decode_proposals(const runtime::TensorView& head, const ProposalDecoding& how);

/// The n cubes of highest logit, best first; equal logits stay in their order.
void keep_best(std::vector<Cube>& cubes, std::size_t n);

/// Greedy non-maximum suppression of cubes sorted best first: one whose IoU with a kept one is at or above nms_iou
/// goes.
[[nodiscard]] std::vector<Cube> suppress_overlaps(const std::vector<Cube>& cubes, double nms_iou);

/// Those whose centre's voxel is not 0 in `mask`, of that shape and spacing.
[[nodiscard]] std::vector<Cube> keep_inside(const std::vector<Cube>& cubes, std::span<const std::uint8_t> mask,
                                            const Index3& shape, const std::array<double, 3>& spacing_mm);

namespace reference {
[[nodiscard]] FoundCubes decode_proposals(const runtime::TensorView& head, const ProposalDecoding& how);
void keep_best(std::vector<Cube>& cubes, std::size_t n);
[[nodiscard]] std::vector<Cube> suppress_overlaps(const std::vector<Cube>& cubes, double nms_iou);
[[nodiscard]] std::vector<Cube> keep_inside(const std::vector<Cube>& cubes, const std::vector<std::uint8_t>& mask,
                                            const Index3& shape, const std::array<double, 3>& spacing_mm);
}  // namespace reference

}  // namespace pleura::kernels
