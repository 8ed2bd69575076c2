#include "runtime/plan.hpp"

#include <chrono>
#include <cmath>

#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::runtime {
namespace {

/// Calls body(element of the tensor, element of the dense values) for each element, rows in parallel.
template <class Body>
void for_each_element(const TensorDesc& desc, int threads, const Body& body) {
  const Shape& s = desc.shape;
  parallel_for(s.n * s.d * s.h, threads, [&](std::int64_t row) {
    for (std::int64_t voxel = row * s.w; voxel < (row + 1) * s.w; ++voxel)
      for (std::int64_t c = 0; c < s.c; ++c) body(voxel * desc.pitch + c, voxel * s.c + c);
  });
}

}  // namespace

void execute(const Plan& plan, const Stream& stream, const Observer& observer) {
  using Clock = std::chrono::steady_clock;
  const ThreadScope scope(stream.threads);
  for (const Invocation& invocation : plan.invocations) {
    const auto start = observer ? Clock::now() : Clock::time_point{};
    invocation.step->enqueue(invocation.operands, stream);
    if (observer) observer(invocation, std::chrono::duration<double>(Clock::now() - start).count());
  }
}

bool all_finite(const TensorView& tensor) {
  const TensorDesc& desc = tensor.desc;
  for (std::int64_t voxel = 0; voxel < desc.shape.voxels(); ++voxel)
    for (std::int64_t c = 0; c < desc.shape.c; ++c)
      if (!std::isfinite(load_element(desc.dtype, tensor.data, voxel * desc.pitch + c))) return false;
  return true;
}

void copy_in(const float* values, const TensorView& tensor, int threads) {
  for_each_element(tensor.desc, threads, [&](std::int64_t element, std::int64_t value) {
    store_element(tensor.desc.dtype, tensor.data, element, values[value]);
  });
}

void copy_out(const TensorView& tensor, float* values, int threads) {
  for_each_element(tensor.desc, threads, [&](std::int64_t element, std::int64_t value) {
    values[value] = load_element(tensor.desc.dtype, tensor.data, element);
  });
}

}  // namespace pleura::runtime
