#include "kernels/vendor/device_libraries.hpp"

namespace pleura::kernels::vendor {
namespace {

std::string key_of(const CudnnLayer& layer, const Epilogue& epilogue) {
  if (layer.transposed) return to_string(Deconvolution{layer.input, layer.output, layer.stride, epilogue});
  return to_string(
      Convolution{layer.input, layer.output, layer.kernel, layer.stride, layer.pad_low, layer.pad_high, epilogue});
}

/// What `find` gives for a key, asked once; nullptr where it fails: our own kernels do the layer then.
template <class Plan, class Find>
std::shared_ptr<const Plan> once(std::map<std::string, std::shared_ptr<const Plan>>& known, std::string key,
                                 const Find& find) {
  if (const auto found = known.find(key); found != known.end()) return found->second;
  std::shared_ptr<const Plan> plan;
  try {
    plan = find();
  } catch (const Error&) {
    plan = nullptr;
  }
  return known[std::move(key)] = plan;
}

}  // namespace

const DeviceLibraries& DeviceLibraries::of(const runtime::Device& device) {
  const auto make = [](const runtime::Device& of) -> std::unique_ptr<runtime::Device::Extension> {
    return std::unique_ptr<DeviceLibraries>(new DeviceLibraries(of));
  };
  return static_cast<const DeviceLibraries&>(device.extension(make));
}

DeviceLibraries::DeviceLibraries(const runtime::Device& device) {
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
      cudnn_handle_.emplace(*cudnn_);
      cudnn_->device = device.name();
      cublaslt_.emplace(cublaslt);
      cublaslt_handle_.emplace(make_handle(*cublaslt_));
      cublaslt_->device = device.name();
    } catch (const Error& error) {
      why_ = error.what() + std::string(", as where it has no code for this GPU");
    }
}

std::shared_ptr<const CudnnPlan> DeviceLibraries::plan(const CudnnLayer& layer, const Epilogue& epilogue) const {
  return once(plans_, key_of(layer, epilogue), [&]() -> std::shared_ptr<const CudnnPlan> {
    std::optional<CudnnPlan> found = find_plan({*cudnn_, cudnn_handle_->get()}, layer, epilogue);
    return found ? std::make_shared<const CudnnPlan>(std::move(*found)) : nullptr;
  });
}

std::shared_ptr<const CublasLtPlan> DeviceLibraries::product(const Convolution& operation) const {
  return once(products_, to_string(operation), [&]() -> std::shared_ptr<const CublasLtPlan> {
    const std::optional<MatrixProduct> product = matrix_product(operation);
    if (!product) return nullptr;
    auto plan = std::make_shared<CublasLtPlan>(*cublaslt_, *product);
    return plan->choose(cublaslt_handle_->get()) ? plan : nullptr;
  });
}

void DeviceLibraries::execute(const CudnnPlan& plan, const VendorOperands& operands, cudaStream_t stream) const {
  cudnn_->check(cudnn_->set_stream(cudnn_handle_->get(), stream), "cudnnSetStream");
  plan.execute(*cudnn_, cudnn_handle_->get(), operands);
}

void DeviceLibraries::execute(const CublasLtPlan& plan, const VendorOperands& operands, cudaStream_t stream) const {
  plan.execute(cublaslt_handle_->get(), operands, stream);
}

}  // namespace pleura::kernels::vendor
