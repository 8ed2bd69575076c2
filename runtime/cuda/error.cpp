#include "runtime/cuda/error.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "pleura/error.hpp"
#include "runtime/arena.hpp"

namespace pleura::runtime::cuda {
namespace {

// By number: the emulator does not know all of the names.
template <std::size_t count>
bool is_among(const std::array<int, count>& codes, cudaError_t error) {
  return std::ranges::find(codes, static_cast<int>(error)) != codes.end();
}

/// After these CUDA does nothing more for the process on that device.
bool is_lost(cudaError_t error) {
  constexpr int ecc_uncorrectable = 214, nvlink_uncorrectable = 220, launch_timeout = 702, hardware_stack = 714,
                launch_failure = 719;
  return is_among(std::array{ecc_uncorrectable, nvlink_uncorrectable, launch_timeout, hardware_stack, launch_failure},
                  error);
}

/// What the machine lacks, told from what pleura did wrong.
bool is_lack_of_resources(cudaError_t error) {
  constexpr int memory_allocation = 2, initialization = 3, insufficient_driver = 35, devices_unavailable = 46,
                no_device = 100, invalid_device = 101, no_kernel_image = 209, unsupported_ptx = 222,
                system_not_ready = 802, driver_mismatch = 803, no_forward_compatibility = 804, unknown = 999;
  constexpr std::array codes{memory_allocation, initialization,  insufficient_driver,      devices_unavailable,
                             no_device,         invalid_device,  no_kernel_image,          unsupported_ptx,
                             system_not_ready,  driver_mismatch, no_forward_compatibility, unknown};
  return is_among(codes, error) || is_lost(error);
}

/// "cuda:0", or "CUDA" where there is no device.
std::string current_device() {
  int device = 0;
  return cudaGetDevice(&device) == cudaSuccess ? "cuda:" + std::to_string(device) : "CUDA";
}

}  // namespace

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  const std::string message = current_device() + ": " + what + ": " + cudaGetErrorString(error) +
                              (is_lost(error) ? "; the device is lost to this process, start it again" : "");
  static_cast<void>(cudaGetLastError());  // else the next launch would report it again
  if (error == cudaErrorMemoryAllocation) throw OutOfMemory(message);
  throw Error(is_lack_of_resources(error) ? Status::resources : Status::internal, message);
}

void report(cudaError_t error, const char* what) noexcept {
  if (error == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  if (!is_lack_of_resources(error)) std::fprintf(stderr, "pleura: CUDA: %s: %s\n", what, cudaGetErrorString(error));
}

}  // namespace pleura::runtime::cuda
