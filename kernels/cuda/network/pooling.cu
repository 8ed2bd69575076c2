// Bound by memory: a thread makes four channels of an output voxel where they are aligned, and neighbouring threads the
// next ones.
#include <cmath>

#include "kernels/cuda/element.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/pooling.hpp"

namespace pleura::kernels::cuda {
namespace {

struct PoolingArguments {
  int input_d, input_h, input_w, output_d, output_h, output_w, window_d, window_h, window_w;
  int groups;            ///< of `size` channels
  std::int64_t outputs;  ///< voxels x groups
  std::int64_t input_pitch, output_pitch;
};

/// NaN wins, as in the reference.
__device__ inline float larger(float a, float b) { return b > a || b != b ? b : a; }

template <class Element, int size>
__global__ void max_pool_kernel(const Element* input, Element* output, const PoolingArguments p) {
  const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (thread >= p.outputs) return;
  const std::int64_t voxel = thread / p.groups;
  const int channel = static_cast<int>(thread % p.groups) * size;
  const int w = static_cast<int>(voxel % p.output_w), h = static_cast<int>(voxel / p.output_w % p.output_h);
  const std::int64_t plane = voxel / p.output_w / p.output_h;
  const std::int64_t n = plane / p.output_d;
  const int d = static_cast<int>(plane % p.output_d);
  float best[size];
#pragma unroll
  for (int i = 0; i < size; ++i) best[i] = -INFINITY;
  for (int z = d * p.window_d; z < min(p.input_d, (d + 1) * p.window_d); ++z)
    for (int y = h * p.window_h; y < min(p.input_h, (h + 1) * p.window_h); ++y)
      for (int x = w * p.window_w; x < min(p.input_w, (w + 1) * p.window_w); ++x) {
        float values[size];
        load(input + (((n * p.input_d + z) * p.input_h + y) * p.input_w + x) * p.input_pitch + channel, values);
#pragma unroll
        for (int i = 0; i < size; ++i) best[i] = larger(best[i], values[i]);
      }
  store(output + voxel * p.output_pitch + channel, best);
}

template <int size, class Element>
void launch(const Element* input, Element* output, const Pooling& operation, cudaStream_t stream) {
  const auto& in = operation.input.shape;
  const auto& out = operation.output.shape;
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  const std::int64_t groups = in.c / size;
  const PoolingArguments p{narrow(in.d),
                           narrow(in.h),
                           narrow(in.w),
                           narrow(out.d),
                           narrow(out.h),
                           narrow(out.w),
                           narrow(operation.window[0]),
                           narrow(operation.window[1]),
                           narrow(operation.window[2]),
                           narrow(groups),
                           out.voxels() * groups,
                           operation.input.pitch,
                           operation.output.pitch};
  constexpr unsigned threads = 256;
  max_pool_kernel<Element, size>
      <<<blocks_for(p.outputs, threads, "max_pool_kernel"), threads, 0, stream>>>(input, output, p);
  check_launch("max_pool_kernel");
}

}  // namespace

template <class Element>
void pool(const Element* input, Element* output, const Pooling& operation, cudaStream_t stream) {
  constexpr int size = 4;
  const auto aligned = [](const Element* data, const runtime::TensorDesc& desc) {
    return reinterpret_cast<std::uintptr_t>(data) % (size * sizeof(Element)) == 0 && desc.pitch % size == 0;
  };
  if (operation.input.shape.c % size == 0 && aligned(input, operation.input) && aligned(output, operation.output))
    launch<size>(input, output, operation, stream);
  else
    launch<1>(input, output, operation, stream);
}

template void pool(const float*, float*, const Pooling&, cudaStream_t);
template void pool(const __half*, __half*, const Pooling&, cudaStream_t);

}  // namespace pleura::kernels::cuda
