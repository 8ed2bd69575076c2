#include "kernels/transfer.hpp"

#include <vector>

namespace pleura::kernels {

using runtime::DType;
using runtime::Scratch;

void copy_in(const OpenDevice& target, const float* values, const runtime::TensorView& tensor) {
  runtime::Device& device = *target.device;
  const Conversion operation{dense(DType::f32, tensor.desc.shape), tensor.desc};
  check(operation);
  if (device.is_host()) return target.backend.convert(values, tensor.data, operation, device.stream());
  const auto bound = device.bind();
  const Scratch::Frame frame(device.scratch());
  std::byte* const staged = device.scratch().take(operation.input.bytes());
  device.upload(staged, values, operation.input.bytes());
  target.backend.convert(staged, tensor.data, operation, device.stream());
}

void copy_out(const OpenDevice& source, const runtime::TensorView& tensor, float* values) {
  runtime::Device& device = *source.device;
  const Conversion operation{tensor.desc, dense(DType::f32, tensor.desc.shape)};
  check(operation);
  if (device.is_host()) return source.backend.convert(tensor.data, values, operation, device.stream());
  const auto bound = device.bind();
  const Scratch::Frame frame(device.scratch());
  std::byte* const staged = device.scratch().take(operation.output.bytes());
  source.backend.convert(tensor.data, staged, operation, device.stream());
  device.download(values, staged, operation.output.bytes());
}

bool all_finite(const OpenDevice& source, const runtime::TensorView& tensor) {
  if (source.device->is_host()) return runtime::all_finite(tensor);
  std::vector<float> values(static_cast<std::size_t>(tensor.desc.shape.elements()));
  copy_out(source, tensor, values.data());
  return runtime::all_finite({dense(DType::f32, tensor.desc.shape), values.data()});
}

}  // namespace pleura::kernels
