#pragma once
/// One layer as a graph of cuDNN's backend, and the execution plan that it is done by.
#include <optional>
#include <vector>

#include "kernels/deconvolution.hpp"
#include "kernels/vendor/cudnn.hpp"
#include "kernels/vendor/fused_epilogue.hpp"

namespace pleura::kernels::vendor {

/// Whose engines are asked for: a GPU's by its handle, or those of a GPU that is not there, by its properties as JSON,
/// for tests.
struct CudnnTarget {
  const Cudnn& cudnn;
  cudnnHandle_t handle = nullptr;
  const Descriptor* properties = nullptr;  ///< finalized; where there is no handle
};

/// A layer, with what cuDNN does of its epilogue. A convolution, or a deconvolution, which is the
/// gradient of one by its data.
struct CudnnLayer {
  bool transposed = false;
  runtime::TensorDesc input, output;
  Extent3 kernel{1, 1, 1}, stride{1, 1, 1}, pad_low{}, pad_high{};
  std::optional<Fused> fused;

  /// The kernel as cuDNN reads it, in the input's type, as if it were a tensor: n are the output channels of a
  /// convolution, the input channels of a deconvolution; c the others.
  [[nodiscard]] runtime::TensorDesc kernel_desc() const;
};
[[nodiscard]] CudnnLayer cudnn_layer(const Convolution& operation);
[[nodiscard]] CudnnLayer cudnn_layer(const Deconvolution& operation);

class CudnnPlan {
 public:
  CudnnPlan(Descriptor plan, bool fused) : plan_(std::move(plan)), fused_(fused) {}

  std::int64_t engine = 0;                             ///< cuDNN's number of it
  std::vector<cudnnBackendNumericalNote_t> numerical;  ///< what its engine says of itself
  std::vector<cudnnBackendBehaviorNote_t> behavior;

  [[nodiscard]] std::int64_t workspace_bytes() const { return workspace_bytes_; }
  [[nodiscard]] bool is_fused() const { return fused_; }

  /// Once; asks for the workspace. Throws CudnnError.
  void finalize();

  /// Queues it on the stream of the handle that it was made for. Throws CudnnError.
  void execute(const Cudnn& cudnn, cudnnHandle_t handle, const VendorOperands& operands) const;

 private:
  Descriptor plan_;
  bool fused_;
  std::int64_t workspace_bytes_ = 0;
};

/// The first in cuDNN's own order of engines that gives the same bits each time, sums in fp32 (of fp32 multiplies in
/// fp32, too: no tensor cores, no rounding of inputs, neither Winograd's nor Fourier's way, which lose digits),
/// compiles nothing while the program runs, and can be finalized. One that does the whole epilogue, too, comes before
/// those that do none of it. Empty where there is none. Throws Error where cuDNN fails.
[[nodiscard]] std::optional<CudnnPlan> find_plan(const CudnnTarget& target, CudnnLayer layer, const Epilogue& epilogue);

}  // namespace pleura::kernels::vendor
