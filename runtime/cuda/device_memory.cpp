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

void upload(void* device, const void* host, std::int64_t bytes) {
  check(cudaMemcpy(device, host, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice), "copy to the device");
  // From pageable memory it returns once the bytes are staged, before they have arrived, and no Stream waits for it.
  check(cudaStreamSynchronize(nullptr), "copy to the device");
}

void download(void* host, const void* device, std::int64_t bytes) {
  check(cudaMemcpy(host, device, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost), "copy from the device");
}

}  // namespace pleura::runtime::cuda
