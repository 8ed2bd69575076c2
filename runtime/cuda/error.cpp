#include "runtime/cuda/error.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "pleura/error.hpp"

namespace pleura::runtime::cuda {
namespace {

/// What the machine lacks, told from what pleura did wrong. By number: the emulator does not know all of the names.
bool is_lack_of_resources(cudaError_t error) {
  constexpr int memory_allocation = 2, initialization = 3, insufficient_driver = 35, devices_unavailable = 46,
                no_device = 100, invalid_device = 101, no_kernel_image = 209, unsupported_ptx = 222,
                system_not_ready = 802, driver_mismatch = 803, no_forward_compatibility = 804;
  constexpr std::array codes{memory_allocation, initialization,  insufficient_driver,     devices_unavailable,
                             no_device,         invalid_device,  no_kernel_image,         unsupported_ptx,
                             system_not_ready,  driver_mismatch, no_forward_compatibility};
  return std::ranges::find(codes, static_cast<int>(error)) != codes.end();
}

}  // namespace

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // else the next launch would report it again
  throw Error(is_lack_of_resources(error) ? Status::resources : Status::internal,
              std::string("CUDA: ") + what + ": " + cudaGetErrorString(error));
}

void report(cudaError_t error, const char* what) noexcept {
  if (error == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  std::fprintf(stderr, "pleura: CUDA: %s: %s\n", what, cudaGetErrorString(error));
}

}  // namespace pleura::runtime::cuda
