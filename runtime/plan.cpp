#include "runtime/plan.hpp"

#include <chrono>
#include <cmath>

#include "runtime/clock.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::runtime {
void execute(const Plan& plan, const Stream& stream, const Observer& observer) {
  using Clock = std::chrono::steady_clock;
  const ThreadScope scope(stream.threads);
  for (const Invocation& invocation : plan.invocations) {
    const auto start = observer ? Clock::now() : Clock::time_point{};
    invocation.step->enqueue(invocation.operands, stream);
    if (observer) observer(invocation, seconds_since(start));
  }
}

bool all_finite(const TensorView& tensor) {
  const TensorDesc& desc = tensor.desc;
  for (std::int64_t voxel = 0; voxel < desc.shape.voxels(); ++voxel)
    for (std::int64_t c = 0; c < desc.shape.c; ++c)
      if (!std::isfinite(load_element(desc.dtype, tensor.data, voxel * desc.pitch + c))) return false;
  return true;
}

}  // namespace pleura::runtime
