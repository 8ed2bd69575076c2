#pragma once
/// Functions of a few numbers that host and device both compile: one text, so one result.
#ifdef __CUDACC__
#define PLEURA_HOST_DEVICE __host__ __device__
#else
#define PLEURA_HOST_DEVICE
#endif

namespace pleura::kernels {

/// Rounded by itself: a device fuses it with no sum.
PLEURA_HOST_DEVICE inline double product(double a, double b) {
#ifdef __CUDA_ARCH__
  return __dmul_rn(a, b);
#else
  return a * b;
#endif
}

}  // namespace pleura::kernels
