#include "kernels/vendor/cudnn_device.hpp"

namespace pleura::kernels::vendor {
namespace {

std::string key_of(const CudnnLayer& layer, const Epilogue& epilogue) {
  if (layer.transposed) return to_string(Deconvolution{layer.input, layer.output, layer.stride, epilogue});
  return to_string(
      Convolution{layer.input, layer.output, layer.kernel, layer.stride, layer.pad_low, layer.pad_high, epilogue});
}

}  // namespace

const CudnnDevice& CudnnDevice::of(const runtime::Device& device) {
  const auto make = [](const runtime::Device& of) -> std::unique_ptr<runtime::Device::Extension> {
    return std::unique_ptr<CudnnDevice>(new CudnnDevice(of));
  };
  return static_cast<const CudnnDevice&>(device.extension(make));
}

CudnnDevice::CudnnDevice(const runtime::Device& device) {
  constexpr int cuda = CUDART_VERSION / 1000;
  const Surroundings around = Surroundings::here();
  const Library cudnn = open_cudnn(around, cuda);
  // cuDNN ends the process where it wants cuBLASLt and finds none. It takes the one that the process has.
  const Library cublaslt = open_cublaslt(around, cuda);
  if (!cudnn.handle)
    why_ = cudnn.why;
  else if (!cublaslt.handle)
    why_ = "it needs cuBLASLt: " + cublaslt.why;
  else
    try {
      cudnn_.emplace(cudnn);
      handle_.emplace(*cudnn_);
      cudnn_->device = device.name();
    } catch (const Error& error) {
      why_ = error.what() + std::string(", as where it has no code for this GPU");
    }
}

std::shared_ptr<const CudnnPlan> CudnnDevice::plan(const CudnnLayer& layer, const Epilogue& epilogue) const {
  std::string key = key_of(layer, epilogue);
  if (const auto known = plans_.find(key); known != plans_.end()) return known->second;
  std::shared_ptr<const CudnnPlan> plan;
  try {
    if (std::optional<CudnnPlan> found = find_plan({*cudnn_, handle_->get()}, layer, epilogue))
      plan = std::make_shared<const CudnnPlan>(std::move(*found));
  } catch (const Error&) {  // our own kernels do the layer
  }
  return plans_[std::move(key)] = plan;
}

void CudnnDevice::execute(const CudnnPlan& plan, const CudnnOperands& operands, cudaStream_t stream) const {
  cudnn_->check(cudnn_->set_stream(handle_->get(), stream), "cudnnSetStream");
  plan.execute(*cudnn_, handle_->get(), operands);
}

}  // namespace pleura::kernels::vendor
