#include "kernels/cpu/peaks.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::cpu {
namespace {

constexpr int peak_chains = 14;  // enough to hide an instruction's latency on two ports
constexpr std::int64_t peak_rounds = 100'000;

#if defined(__x86_64__)
// Keeps the sums in registers and the compiler from guessing them. A function would take their address, and they would
// live in memory: half the peak.
#define PLEURA_KEEP(a)                                                                                         \
  asm volatile("" ::"v"((a)[0]), "v"((a)[1]), "v"((a)[2]), "v"((a)[3]), "v"((a)[4]), "v"((a)[5]), "v"((a)[6]), \
               "v"((a)[7]), "v"((a)[8]), "v"((a)[9]), "v"((a)[10]), "v"((a)[11]), "v"((a)[12]), "v"((a)[13]))

[[gnu::target("avx512f")]] double fp32_512() {
  __m512 a[peak_chains];
  for (int i = 0; i < peak_chains; ++i) a[i] = _mm512_set1_ps(static_cast<float>(i) * 1e-3f);
  const __m512 b = _mm512_set1_ps(0.999f), c = _mm512_set1_ps(1e-4f);
  for (std::int64_t k = 0; k < peak_rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < peak_chains; ++i) a[i] = _mm512_fmadd_ps(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 16 * peak_chains * peak_rounds;
}

[[gnu::target("avx2,fma")]] double fp32_256() {
  __m256 a[peak_chains];
  for (int i = 0; i < peak_chains; ++i) a[i] = _mm256_set1_ps(static_cast<float>(i) * 1e-3f);
  const __m256 b = _mm256_set1_ps(0.999f), c = _mm256_set1_ps(1e-4f);
  for (std::int64_t k = 0; k < peak_rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < peak_chains; ++i) a[i] = _mm256_fmadd_ps(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 8 * peak_chains * peak_rounds;
}

double fp32_128() {
  __m128 a[peak_chains];
  for (int i = 0; i < peak_chains; ++i) a[i] = _mm_set1_ps(static_cast<float>(i) * 1e-3f);
  const __m128 b = _mm_set1_ps(0.999f), c = _mm_set1_ps(1e-4f);
  for (std::int64_t k = 0; k < peak_rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < peak_chains; ++i) a[i] = _mm_add_ps(_mm_mul_ps(a[i], b), c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 4 * peak_chains * peak_rounds;
}

[[gnu::target("avx512f,avx512bf16")]] double bf16_512() {
  __m512 a[peak_chains];
  for (int i = 0; i < peak_chains; ++i) a[i] = _mm512_set1_ps(static_cast<float>(i) * 1e-3f);
  const auto b = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3f7f));
  const auto c = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3c00));
  for (std::int64_t k = 0; k < peak_rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < peak_chains; ++i) a[i] = _mm512_dpbf16_ps(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 32 * peak_chains * peak_rounds;
}

[[gnu::target("avx512f,avx512bw,avx512vnni")]] double int8_512() {
  __m512i a[peak_chains];
  for (int i = 0; i < peak_chains; ++i) a[i] = _mm512_set1_epi32(i);
  const __m512i b = _mm512_set1_epi8(3), c = _mm512_set1_epi8(1);
  for (std::int64_t k = 0; k < peak_rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < peak_chains; ++i) a[i] = _mm512_dpbusd_epi32(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 64 * peak_chains * peak_rounds;
}

#else
/// Vectors of four, as any processor has them.
double fp32_128() {
  using Vector [[gnu::vector_size(16)]] = float;
  Vector a[peak_chains];
  for (int i = 0; i < peak_chains; ++i) a[i] = Vector{} + static_cast<float>(i) * 1e-3f;
  for (std::int64_t k = 0; k < peak_rounds; ++k)
    for (int i = 0; i < peak_chains; ++i) a[i] = a[i] * 0.999f + 1e-4f;
  for (int i = 1; i < peak_chains; ++i) a[0] += a[i];
  volatile float seen = a[0][0];
  static_cast<void>(seen);
  return 2.0 * 4 * peak_chains * peak_rounds;
}
#endif

struct Loop {
  double (*run)();  ///< returns its operations; nullptr where the processor has no instruction for them
  const char* name;
};

Loop loop_of(Resource resource) {
#if defined(__x86_64__)
  if (resource == Resource::bf16)
    return {__builtin_cpu_supports("avx512bf16") ? bf16_512 : nullptr, "bf16 dot products of AVX-512"};
  if (resource == Resource::int8)
    return {__builtin_cpu_supports("avx512vnni") ? int8_512 : nullptr, "int8 dot products of AVX-512"};
  if (__builtin_cpu_supports("avx512f")) return {fp32_512, "fp32 FMA of AVX-512"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {fp32_256, "fp32 FMA of AVX2"};
#else
  if (resource != Resource::fp32) return {nullptr, ""};
#endif
  return {fp32_128, "fp32 multiplication and addition, four at a time"};
}

double measure_memory(int threads, std::int64_t bytes) {
  const std::int64_t part = std::max<std::int64_t>(bytes / static_cast<std::int64_t>(2 * sizeof(float)) / threads, 1);
  std::vector<float> x(part * threads, 1.0f), y(x.size(), 2.0f);
  double best = 0;
  for (int run = 0; run < 10; ++run) {
    const auto start = std::chrono::steady_clock::now();
    parallel_for(threads, threads, [&](std::int64_t t) {
      for (std::int64_t i = t * part; i < (t + 1) * part; ++i) y[i] += 0.5f * x[i];
    });
    best = std::max(best, 12.0 * static_cast<double>(part * threads) / seconds_since(start));
  }
  return best;
}

}  // namespace

double measure_peak(Resource resource, int threads, std::int64_t bytes) {
  if (resource == Resource::memory) return measure_memory(threads, bytes);
  const auto loop = loop_of(resource).run;
  if (loop == nullptr) return 0;
  double best = 0;
  for (int run = 0; run < 20; ++run) {
    std::vector<double> operations(threads);
    const auto start = std::chrono::steady_clock::now();
    parallel_for(threads, threads, [&](std::int64_t t) { operations[t] = loop(); });
    const double seconds = seconds_since(start);
    double sum = 0;
    for (const double value : operations) sum += value;
    best = std::max(best, sum / seconds);
  }
  return best;
}

Peaks measure_peaks(runtime::Device& device, runtime::DType activations, std::int64_t bytes) {
  const int threads = device.stream().threads;
  const bool bf16 = activations == runtime::DType::bf16 && loop_of(Resource::bf16).run != nullptr;
  const Resource arithmetic = bf16 ? Resource::bf16 : Resource::fp32;
  return {measure_peak(arithmetic, threads, bytes), measure_peak(Resource::memory, threads, bytes),
          loop_of(arithmetic).name};
}

}  // namespace pleura::kernels::cpu
