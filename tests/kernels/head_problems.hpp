#pragma once
/// Random heads of networks, and how they are read.
#include <cmath>
#include <vector>

#include "kernels/instruments.hpp"

namespace pleura::test {

/// A region-proposal head.
struct HeadProblem {
  Index3 cells{1, 1, 1};
  std::int64_t beside = 0;  ///< channels of other tensors
  std::int64_t most = kernels::most_proposals;
  kernels::ProposalDecoding how;
  std::vector<float> logits;  ///< (d, h, w, anchors * (5 + extra_classes) + beside)

  [[nodiscard]] std::int64_t values() const { return 5 + how.extra_classes; }
  [[nodiscard]] std::int64_t channels() const { return static_cast<std::int64_t>(how.anchors_mm.size()) * values(); }
  [[nodiscard]] std::int64_t pitch() const { return channels() + beside; }
  void set_threshold(double probability) { how.lowest_logit = kernels::logit(probability); }

  /// Beside others; for what only reads.
  [[nodiscard]] runtime::TensorView head(const float* data) const {
    return {{runtime::DType::f32, {1, cells[0], cells[1], cells[2], channels()}, pitch()}, const_cast<float*>(data)};
  }
};

/// Logits of few values, so that many are equal; exact in half precision.
inline HeadProblem draw_head(Random& random, const Index3& cells, std::size_t anchors, std::int64_t extra_classes) {
  HeadProblem problem;
  problem.cells = cells;
  problem.beside = random(0, 3);
  problem.how.extra_classes = extra_classes;
  problem.how.spacing_mm = {2.5, 1.7, 2.1};
  problem.how.largest_log_scale = 4.135;
  problem.set_threshold(0.047);
  for (std::size_t a = 0; a < anchors; ++a) problem.how.anchors_mm.push_back(static_cast<double>(random(50, 600)) / 10);
  for (std::int64_t i = 0; i < cells[0] * cells[1] * cells[2] * problem.pitch(); ++i) {
    const std::int64_t channel = i % problem.pitch();
    const float small = static_cast<float>(random(-64, 64)) / 64;
    problem.logits.push_back(channel >= problem.channels()     ? NAN
                             : channel % problem.values() == 0 ? static_cast<float>(random(-9, 3)) / 2
                             : channel % problem.values() == 4 ? 6 * small
                                                               : small);
  }
  return problem;
}

/// A mask head.
struct MaskProblem {
  Index3 shape{};
  std::vector<std::uint8_t> lungs;
  kernels::MaskDecoding how;
  std::int64_t beside = 0;    ///< channels of other tensors
  std::vector<float> logits;  ///< (d, h, w, 2 + beside)

  [[nodiscard]] std::int64_t pitch() const { return 2 + beside; }

  /// With the channels beside.
  [[nodiscard]] runtime::TensorView head() const {
    return {{runtime::DType::f32, {1, shape[0], shape[1], shape[2], 2}, pitch()}, const_cast<float*>(logits.data())};
  }
};

/// Blobs of a few levels, so that many means are equal; exact in half precision.
inline MaskProblem draw_mask_head(Random& random, const Index3& shape, int blobs) {
  MaskProblem problem;
  problem.shape = shape;
  problem.how.spacing_mm = {2.5, 1.7, 2.1};
  problem.how.least_voxels = random(1, 8);
  problem.beside = random(0, 2);
  for (std::int64_t i = 0; i < voxels(shape); ++i) {
    problem.lungs.push_back(random(0, 19) == 0 ? 0 : static_cast<std::uint8_t>(random(1, 2)));
    for (std::int64_t c = 0; c < problem.pitch(); ++c) problem.logits.push_back(c == 0 ? 1.5F : c == 1 ? -1.0F : NAN);
  }
  for (int i = 0; i < blobs; ++i) {
    Index3 low, high;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      low[axis] = random(0, shape[axis] - 1);
      high[axis] = std::min(shape[axis], low[axis] + random(1, 4));
    }
    const float level = 1.25F + static_cast<float>(random(0, 3));
    for (std::int64_t z = low[0]; z < high[0]; ++z)
      for (std::int64_t y = low[1]; y < high[1]; ++y)
        for (std::int64_t x = low[2]; x < high[2]; ++x)
          problem.logits[static_cast<std::size_t>(((z * shape[1] + y) * shape[2] + x) * problem.pitch() + 1)] = level;
  }
  return problem;
}

}  // namespace pleura::test
