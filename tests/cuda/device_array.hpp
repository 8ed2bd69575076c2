#pragma once
/// Plain values in device memory between guard bands, for kernels that know no tensors.
#include <cuda_fp16.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <type_traits>
#include <vector>

#include "copies.hpp"
#include "runtime/cuda/device_memory.hpp"

namespace pleura::test {

/// Values in the type that a kernel takes, float or __half.
template <class Element>
[[nodiscard]] std::vector<Element> as(const std::vector<float>& values) {
  std::vector<Element> result;
  for (const float value : values)
    if constexpr (std::is_same_v<Element, float>)
      result.push_back(value);
    else
      result.push_back(__float2half_rn(value));
  return result;
}

template <class T>
class DeviceArray {
 public:
  /// Poisoned: every byte 0xa5.
  explicit DeviceArray(std::size_t count) : count_(count), memory_(bytes() + 2 * guard) {
    const std::vector<std::byte> poisoned(static_cast<std::size_t>(memory_.bytes()), poison);
    to_device(memory_.data(), poisoned.data(), memory_.bytes());
  }

  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    to_device(memory_.data() + guard, values.data(), bytes());
  }

  [[nodiscard]] T* data() const { return reinterpret_cast<T*>(memory_.data() + guard); }

  /// Waits for all kernels; fails the test where they have written beside the values.
  [[nodiscard]] std::vector<T> download() const {
    runtime::cuda::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    std::vector<std::byte> all(static_cast<std::size_t>(memory_.bytes()));
    to_host(all.data(), memory_.data(), memory_.bytes());
    const auto intact = [](std::span<const std::byte> band) {
      return std::ranges::all_of(band, [](std::byte byte) { return byte == poison; });
    };
    const std::span<const std::byte> view(all);
    EXPECT_TRUE(intact(view.first(guard)) && intact(view.last(guard))) << "wrote beside its output";
    std::vector<T> values(count_);
    std::copy_n(all.data() + guard, bytes(), reinterpret_cast<std::byte*>(values.data()));
    return values;
  }

 private:
  static constexpr std::size_t guard = 256;
  static constexpr std::byte poison{0xa5};

  [[nodiscard]] std::int64_t bytes() const { return static_cast<std::int64_t>(count_ * sizeof(T)); }

  std::size_t count_;
  runtime::cuda::DeviceMemory memory_;
};

}  // namespace pleura::test
