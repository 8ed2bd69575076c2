#pragma once
/// cuDNN on one device: opened when it is first asked for, with a handle of the device's own.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "kernels/vendor/cudnn_graph.hpp"
#include "runtime/device.hpp"

namespace pleura::kernels::vendor {

class CudnnDevice final : public runtime::Device::Extension {
 public:
  /// The device's. The calling thread is bound to it.
  [[nodiscard]] static const CudnnDevice& of(const runtime::Device& device);

  /// Why it is not used, in one line; empty where it is. Nothing below may be asked for then.
  [[nodiscard]] const std::string& why() const { return why_; }

  /// How a layer with that epilogue is done, the epilogue within where cuDNN does it; nullptr where it has no way, or
  /// fails. Found once a layer.
  [[nodiscard]] std::shared_ptr<const CudnnPlan> plan(const CudnnLayer& layer, const Epilogue& epilogue) const;

  /// Queues a plan on a stream of the device. Throws CudnnError.
  void execute(const CudnnPlan& plan, const CudnnOperands& operands, cudaStream_t stream) const;

 private:
  explicit CudnnDevice(const runtime::Device& device);

  std::string why_;
  std::optional<Cudnn> cudnn_;
  std::optional<CudnnHandle> handle_;
  mutable std::map<std::string, std::shared_ptr<const CudnnPlan>> plans_;  ///< by layer; a device is one thread's
};

}  // namespace pleura::kernels::vendor
