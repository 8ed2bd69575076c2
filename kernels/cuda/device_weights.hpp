#pragma once
/// Weights of a convolution in device memory.
#include <array>
#include <span>

#include "kernels/convolution.hpp"
#include "kernels/cuda/epilogue_arguments.hpp"
#include "runtime/cuda/device_memory.hpp"

namespace pleura::kernels::cuda {

/// A copy in device memory; nothing of nothing.
template <class T>
[[nodiscard]] runtime::cuda::DeviceMemory on_device(std::span<const T> values) {
  runtime::cuda::DeviceMemory memory(static_cast<std::int64_t>(values.size_bytes()));
  if (!values.empty()) runtime::cuda::upload(memory.data(), values.data(), memory.bytes());
  return memory;
}

/// A packed kernel with the bias and slopes of its epilogue.
class DeviceWeights {
 public:
  DeviceWeights(runtime::cuda::DeviceMemory kernel, const ConvolutionWeights& weights)
      : kernel_(std::move(kernel)),
        bias_(on_device(weights.bias)),
        slopes_{on_device(weights.slopes[0]), on_device(weights.slopes[1])} {}

  [[nodiscard]] std::int64_t bytes() const {
    return kernel_.bytes() + bias_.bytes() + slopes_[0].bytes() + slopes_[1].bytes();
  }

  template <class Element>
  [[nodiscard]] const Element* kernel() const {
    return reinterpret_cast<const Element*>(kernel_.data());
  }

  [[nodiscard]] EpilogueArguments epilogue(const Epilogue& epilogue,
                                           const std::array<const void*, 2>& residuals) const {
    const auto floats = [](const auto& memory) { return reinterpret_cast<const float*>(memory.data()); };
    return arguments_of(epilogue, {floats(bias_), {floats(slopes_[0]), floats(slopes_[1])}}, residuals);
  }

 private:
  runtime::cuda::DeviceMemory kernel_, bias_;
  std::array<runtime::cuda::DeviceMemory, 2> slopes_;
};

}  // namespace pleura::kernels::cuda
