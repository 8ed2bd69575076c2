#pragma once
/// A backend is a list of variants for each operation; a plan is made for one backend.
#include <span>

#include "kernels/convolution.hpp"
#include "kernels/deconvolution.hpp"
#include "kernels/pooling.hpp"
#include "runtime/device.hpp"

namespace pleura::kernels {

struct Backend {
  const char* name;
  /// What its steps run on, with that many CPU threads. Throws Error(resources) where the machine has none.
  std::unique_ptr<runtime::Device> (*open)(int threads);
  std::span<const ConvolutionVariant> convolutions;
  std::span<const DeconvolutionVariant> deconvolutions;
  std::span<const PoolingVariant> poolings;
};

/// The specification: naive, sums in double, for every type and shape.
[[nodiscard]] const Backend& reference_backend();

/// Our own kernels for each instruction set (cpu/README.md), and the reference where none serves.
[[nodiscard]] const Backend& cpu_backend();

/// Hand-written CUDA kernels (cuda/README.md), each where the current device has what it needs. Only in builds with
/// CUDA.
[[nodiscard]] const Backend& cuda_backend();

}  // namespace pleura::kernels
