#pragma once
/// Memory of the current CUDA device.
#include <cstddef>
#include <cstdint>

namespace pleura::runtime::cuda {

/// A block of device memory, uninitialised, aligned to 256 bytes. Moved, not copied.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  /// Throws OutOfMemory naming the bytes where there is not enough. No bytes take no memory.
  explicit DeviceMemory(std::int64_t bytes);
  ~DeviceMemory();
  DeviceMemory(DeviceMemory&& other) noexcept;
  DeviceMemory& operator=(DeviceMemory&& other) noexcept;

  /// Not to be followed by the host.
  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  std::int64_t bytes_ = 0;
};

}  // namespace pleura::runtime::cuda
