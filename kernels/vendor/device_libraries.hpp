#pragma once
/// cuDNN and cuBLASLt on one device: opened when they are first asked for, with handles of the device's own.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "kernels/vendor/cublaslt.hpp"
#include "kernels/vendor/cudnn_graph.hpp"
#include "runtime/device.hpp"

namespace pleura::kernels::vendor {

class DeviceLibraries final : public runtime::Device::Extension {
 public:
  /// The device's. The calling thread is bound to it.
  [[nodiscard]] static const DeviceLibraries& of(const runtime::Device& device);

  /// Why they are not used, in one line; empty where they are. Nothing below may be asked for then.
  [[nodiscard]] const std::string& why() const { return why_; }

  /// How cuDNN does a layer with that epilogue, the epilogue within where it does it; nullptr where it has no way, or
  /// fails. Found once a layer.
  [[nodiscard]] std::shared_ptr<const CudnnPlan> plan(const CudnnLayer& layer, const Epilogue& epilogue) const;

  /// How cuBLASLt does a convolution, likewise.
  [[nodiscard]] std::shared_ptr<const CublasLtPlan> product(const Convolution& operation) const;

  /// Queue a plan on a stream of the device. Throw Error.
  void execute(const CudnnPlan& plan, const VendorOperands& operands, cudaStream_t stream) const;
  void execute(const CublasLtPlan& plan, const VendorOperands& operands, cudaStream_t stream) const;

 private:
  explicit DeviceLibraries(const runtime::Device& device);

  std::string why_;
  std::optional<Cudnn> cudnn_;
  std::optional<CudnnHandle> cudnn_handle_;
  std::optional<CublasLt> cublaslt_;
  std::optional<CublasLtObject<cublasLtHandle_t>> cublaslt_handle_;
  // By layer; a device is one thread's.
  mutable std::map<std::string, std::shared_ptr<const CudnnPlan>> plans_;
  mutable std::map<std::string, std::shared_ptr<const CublasLtPlan>> products_;
};

}  // namespace pleura::kernels::vendor
