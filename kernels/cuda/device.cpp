#include "kernels/cuda/device.hpp"

#include <cuda_fp16.h>

#include <string>
#include <vector>

#include "kernels/cuda/architectures.hpp"
#include "kernels/cuda/conversion.hpp"
#include "kernels/cuda/launch.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/device_memory.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::DType;
using runtime::TensorView;
using runtime::cuda::DeviceMemory;

/// A plan's steps as one graph.
struct RecordedGraph final : runtime::Recording {
  runtime::cuda::Graph graph;
  RecordedGraph(cudaStream_t stream, const std::function<void()>& body) : graph(stream, body) {}
};

class CudaDevice final : public runtime::Device {
 public:
  explicit CudaDevice(int threads) : queue_{threads, stream_.get()} {}

  runtime::Arena allocate(std::int64_t bytes) override {
    const auto memory = std::make_shared<DeviceMemory>(bytes);
    return {{memory, memory->data()}, bytes};
  }

  std::int64_t available_bytes() const override {
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return static_cast<std::int64_t>(free);
  }

  /// The first run is not recorded, since what a kernel needs is loaded as it is first launched.
  void execute(runtime::Plan& plan, const runtime::Observer& observer) override {
    if (observer) return observe(plan, observer);
    if (plan.recording) return static_cast<const RecordedGraph&>(*plan.recording).graph.launch(stream_.get());
    enqueue(plan);
    plan.recording = std::make_unique<RecordedGraph>(stream_.get(), [&] { enqueue(plan); });
  }

  void copy_in(const float* values, const TensorView& tensor) override {
    const runtime::TensorDesc plain = dense(DType::f32, tensor.desc.shape);
    float* const staged = stage(plain.bytes());
    check(
        cudaMemcpyAsync(staged, values, static_cast<std::size_t>(plain.bytes()), cudaMemcpyHostToDevice, stream_.get()),
        "copy to the device");
    const Conversion operation{plain, tensor.desc};
    check(operation);
    if (tensor.desc.dtype == DType::f16)
      convert(staged, static_cast<__half*>(tensor.data), operation, stream_.get());
    else
      convert(staged, static_cast<float*>(tensor.data), operation, stream_.get());
  }

  void copy_out(const TensorView& tensor, float* values) override {
    const runtime::TensorDesc plain = dense(DType::f32, tensor.desc.shape);
    float* const staged = stage(plain.bytes());
    const Conversion operation{tensor.desc, plain};
    check(operation);
    if (tensor.desc.dtype == DType::f16)
      convert(static_cast<const __half*>(tensor.data), staged, operation, stream_.get());
    else
      convert(static_cast<const float*>(tensor.data), staged, operation, stream_.get());
    check(
        cudaMemcpyAsync(values, staged, static_cast<std::size_t>(plain.bytes()), cudaMemcpyDeviceToHost, stream_.get()),
        "copy from the device");
    stream_.synchronize();
  }

  bool all_finite(const TensorView& tensor) override {
    std::vector<float> values(static_cast<std::size_t>(tensor.desc.shape.elements()));
    copy_out(tensor, values.data());
    return runtime::all_finite({dense(DType::f32, tensor.desc.shape), values.data()});
  }

 private:
  void enqueue(const runtime::Plan& plan) const {
    for (const runtime::Invocation& invocation : plan.invocations)
      invocation.step->enqueue(invocation.operands, queue_);
  }

  void observe(const runtime::Plan& plan, const runtime::Observer& observer) {
    for (const runtime::Invocation& invocation : plan.invocations) {
      start_.record(stream_.get());
      invocation.step->enqueue(invocation.operands, queue_);
      end_.record(stream_.get());
      stream_.synchronize();
      observer(invocation, end_.seconds_since(start_));
    }
  }

  /// Room for values on their way. It grows, and is kept.
  float* stage(std::int64_t bytes) {
    if (bytes > staged_.bytes()) {
      stream_.synchronize();
      staged_ = {};
      staged_ = DeviceMemory(bytes);
    }
    return reinterpret_cast<float*>(staged_.data());
  }

  runtime::cuda::Stream stream_;
  runtime::Stream queue_;
  runtime::cuda::Event start_, end_;
  DeviceMemory staged_;
};

}  // namespace

std::unique_ptr<runtime::Device> open_device(int threads) {
  int device = 0;
  check(cudaGetDeviceCount(&device), "no GPU can be used, expected an NVIDIA GPU and its driver");
  check(cudaGetDevice(&device), "cudaGetDevice");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  const std::string missing =
      missing_build(properties.name, {properties.major, properties.minor}, built_architectures());
  if (!missing.empty()) throw Error(Status::resources, missing);
  return std::make_unique<CudaDevice>(threads);
}

}  // namespace pleura::kernels::cuda
