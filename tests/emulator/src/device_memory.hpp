#pragma once
/// Device memory: one reserved range of addresses that host code cannot touch while no queued operation runs, every
/// allocation between guard bands, addresses never given twice.
#include <cstddef>
#include <string>
#include <vector>

namespace emulator {

/// Null where the device is full (Options::device_memory). Unwritten bytes of small allocations read as 0xff.
[[nodiscard]] void* device_allocate(std::size_t bytes, int device);
/// The device whose memory an address lies in; -1: none's.
[[nodiscard]] int device_of(const void* address);
/// False where the address is not the start of a live allocation. Ends the process where its guard bands were written.
[[nodiscard]] bool device_free(void* start);
/// Whether bytes from an address on lie in one live allocation.
[[nodiscard]] bool device_contains(const void* address, std::size_t bytes);
/// Whether an address lies in the range that device memory is taken from, live or not.
[[nodiscard]] bool device_range_contains(const void* address);
/// Ends the process where a guard band of a live allocation was written.
void check_guard_bands();
[[nodiscard]] std::size_t device_bytes_in_use(int device);
/// Sizes of a device's live allocations, in order: what a test left behind.
[[nodiscard]] std::vector<std::size_t> live_allocations(int device);

/// While one lives, device memory can be touched, by any thread: queued operations run inside one.
class DeviceAccess {
 public:
  DeviceAccess();
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
};

/// Pinned host memory: kernels may touch it.
[[nodiscard]] void* pinned_allocate(std::size_t bytes);
[[nodiscard]] bool pinned_free(void* start);
[[nodiscard]] bool pinned_contains(const void* address, std::size_t bytes);

}  // namespace emulator
