#include "runtime/cuda/device_memory.hpp"

#include <string>
#include <utility>

#include "runtime/cuda/error.hpp"

namespace pleura::runtime::cuda {

DeviceMemory::DeviceMemory(std::int64_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  void* memory = nullptr;
  const std::string what = "cudaMalloc of " + std::to_string(bytes) + " bytes";
  check(cudaMalloc(&memory, static_cast<std::size_t>(bytes)), what.c_str());
  data_ = static_cast<std::byte*>(memory);
}

DeviceMemory::~DeviceMemory() { report(cudaFree(data_), "cudaFree"); }

DeviceMemory::DeviceMemory(DeviceMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

DeviceMemory& DeviceMemory::operator=(DeviceMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

}  // namespace pleura::runtime::cuda
