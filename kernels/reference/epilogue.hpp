#pragma once
/// The epilogue of one output voxel, in double.
#include <span>
#include <vector>

#include "kernels/convolution.hpp"
#include "runtime/step.hpp"

namespace pleura::kernels::reference {

/// Bias and slopes, kept from the weights.
class EpilogueWeights {
 public:
  explicit EpilogueWeights(const ConvolutionWeights& weights);

  [[nodiscard]] std::int64_t bytes() const;

  /// Finishes and stores the sums of the voxel with this index among the output's voxels, one sum a channel.
  void store(const Epilogue& epilogue, const runtime::TensorDesc& output, const runtime::Operands& operands,
             std::int64_t voxel, std::span<const double> sums) const;

 private:
  std::vector<float> bias_;
  std::array<std::vector<float>, 2> slopes_;
};

}  // namespace pleura::kernels::reference
