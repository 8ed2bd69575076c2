#include "runtime/cuda/error.hpp"

#include <cstdio>
#include <string>

#include "pleura/error.hpp"

namespace pleura::runtime::cuda {
namespace {

/// What the machine lacks, told from what pleura did wrong. By number: the emulator does not know all of the names.
bool is_lack_of_resources(cudaError_t error) {
  constexpr int memory_allocation = 2, insufficient_driver = 35, no_device = 100, no_kernel_image = 209;
  const auto code = static_cast<int>(error);
  return code == memory_allocation || code == insufficient_driver || code == no_device || code == no_kernel_image;
}

}  // namespace

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // else the next launch would report it again
  throw Error(is_lack_of_resources(error) ? Status::resources : Status::internal,
              std::string("CUDA: ") + what + ": " + cudaGetErrorString(error));
}

void report(cudaError_t error, const char* what) noexcept {
  if (error != cudaSuccess) std::fprintf(stderr, "pleura: CUDA: %s: %s\n", what, cudaGetErrorString(error));
}

}  // namespace pleura::runtime::cuda
