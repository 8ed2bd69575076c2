#include "kernels/cuda/network/peaks.hpp"

#include <algorithm>
#include <optional>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/implicit_gemm.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

/// Work, and seconds that the device took for it.
struct Timed {
  double work = 0, seconds = 0;
};

class PeakClock {
 public:
  explicit PeakClock(cudaStream_t stream) : stream_(stream) {}

  /// `queue` puts work on the stream and returns how much it is.
  template <class Queue>
  Timed time(const Queue& queue) {
    start_.record(stream_);
    const double work = queue();
    end_.record(stream_);
    end_.synchronize();
    return {work, end_.seconds_since(start_)};
  }

  /// The best rate of a few runs.
  template <class Queue>
  double best_rate(const Queue& queue) {
    double best = 0;
    for (int run = 0; run < 5; ++run) {
      const Timed timed = time(queue);
      if (timed.seconds > 0) best = std::max(best, timed.work / timed.seconds);
    }
    return best;
  }

 private:
  cudaStream_t stream_;
  runtime::cuda::Event start_, end_;
};

std::optional<TensorCores> cores_for(runtime::DType activations) {
  if (activations != runtime::DType::f16) return std::nullopt;
  for (const TensorCores cores : {TensorCores::ampere, TensorCores::turing})
    if (can_run(cores)) return cores;
  return std::nullopt;
}

}  // namespace

Peaks measure_peaks(runtime::Device& device, runtime::DType activations, std::int64_t bytes) {
  constexpr int blocks_each = 8, most_rounds = 1 << 20;
  constexpr double long_enough = 2e-3;  // seconds, beside which a launch is nothing
  const auto current = device.bind();
  const cudaStream_t stream = runtime::cuda::queue_of(device.stream());
  const int blocks = blocks_each * std::max(1, device.properties().multiprocessors);
  const std::int64_t half = std::max<std::int64_t>(bytes / 2 / 256 * 256, 256), count = half / 4;
  const std::int64_t sums_bytes = std::int64_t{4} * blocks * peak_threads;
  const runtime::Arena memory = device.allocate(2 * half + sums_bytes);
  auto* const y = reinterpret_cast<float*>(memory.data());
  auto* const x = reinterpret_cast<float*>(memory.data() + half);
  auto* const sums = reinterpret_cast<float*>(memory.data() + 2 * half);
  check(cudaMemsetAsync(memory.data(), 0, static_cast<std::size_t>(2 * half), stream), "cudaMemsetAsync");

  const std::optional<TensorCores> cores = cores_for(activations);
  int rounds = 4;
  const auto loop = [&] {
    return cores ? run_mma_loop(*cores, sums, blocks, rounds, stream) : run_fma_loop(sums, blocks, rounds, stream);
  };
  PeakClock clock(stream);
  while (clock.time(loop).seconds < long_enough && rounds < most_rounds) rounds *= 2;
  return {clock.best_rate(loop), clock.best_rate([&] { return run_triad(y, x, count, stream); }),
          cores ? "fp16 products of tensor cores by mma.sync, sums in fp32" : "fp32 FMA"};
}

}  // namespace pleura::kernels::cuda
