#pragma once
/// Guarded tensors in device memory.
#include <algorithm>

#include "copies.hpp"
#include "kernels/guarded.hpp"
#include "runtime/cuda/device_memory.hpp"
#include "runtime/cuda/error.hpp"

namespace pleura::test {

/// What a kernel reads. Its memory ends where the tensor ends, so that the emulator or compute-sanitizer sees a read
/// past it.
class DeviceInput {
 public:
  DeviceInput(const runtime::TensorDesc& desc, const std::vector<float>& values)
      : host_(desc, values), memory_(desc.bytes()) {
    to_device(memory_.data(), host_.own().data(), memory_.bytes());
  }

  /// T: the type as kernels see it, __half for f16.
  template <class T>
  [[nodiscard]] const T* data() const {
    return reinterpret_cast<const T*>(memory_.data());
  }

  /// As the type that kernels read it from rounded them.
  [[nodiscard]] std::vector<float> values() { return host_.values(); }
  [[nodiscard]] const void* host() { return host_.data(); }

  /// True where the kernels have left it as it was, byte for byte; waits for them.
  [[nodiscard]] bool unchanged() {
    runtime::cuda::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    std::vector<std::byte> now(host_.own().size());
    to_host(now.data(), memory_.data(), memory_.bytes());
    return std::ranges::equal(now, host_.own());
  }

 private:
  Guarded host_;
  runtime::cuda::DeviceMemory memory_;
};

/// What a kernel writes: poisoned, between guard bands.
class DeviceOutput {
 public:
  explicit DeviceOutput(const runtime::TensorDesc& desc)
      : host_(desc), memory_(static_cast<std::int64_t>(host_.with_guards().size())) {
    to_device(memory_.data(), host_.with_guards().data(), memory_.bytes());
  }

  template <class T>
  [[nodiscard]] T* data() const {
    return reinterpret_cast<T*>(memory_.data() + Guarded::guard);
  }

  /// What the kernels have written; waits for them. The result's surroundings_intact() says whether that was all.
  [[nodiscard]] Guarded& download() {
    runtime::cuda::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    to_host(host_.with_guards().data(), memory_.data(), memory_.bytes());
    return host_;
  }

 private:
  Guarded host_;
  runtime::cuda::DeviceMemory memory_;
};

}  // namespace pleura::test
