#include "runtime/cuda/current.hpp"

#include <string>

#include "runtime/cuda/error.hpp"

namespace pleura::runtime::cuda {

Current::Current(int device) {
  static_cast<void>(cudaGetLastError());
  check(cudaGetDevice(&before_), "cudaGetDevice");
  if (before_ == device) return;
  check(cudaSetDevice(device), ("cudaSetDevice to " + std::to_string(device)).c_str());
  changed_ = true;
}

Current::~Current() {
  if (changed_) report(cudaSetDevice(before_), "cudaSetDevice");
}

}  // namespace pleura::runtime::cuda
