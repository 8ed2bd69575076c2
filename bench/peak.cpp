#include "peak.hpp"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "runtime/parallel.hpp"

namespace pleura::bench {
namespace {

constexpr int sums = 14;  // enough to hide an instruction's latency on two ports
constexpr std::int64_t rounds = 100'000;

// Keeps the sums in registers and the compiler from guessing them. A function would take their address, and they would
// live in memory: half the peak.
#define PLEURA_KEEP(a)                                                                                         \
  asm volatile("" ::"v"((a)[0]), "v"((a)[1]), "v"((a)[2]), "v"((a)[3]), "v"((a)[4]), "v"((a)[5]), "v"((a)[6]), \
               "v"((a)[7]), "v"((a)[8]), "v"((a)[9]), "v"((a)[10]), "v"((a)[11]), "v"((a)[12]), "v"((a)[13]))

[[gnu::target("avx512f")]] double fp32_512() {
  __m512 a[sums];
  for (int i = 0; i < sums; ++i) a[i] = _mm512_set1_ps(static_cast<float>(i) * 1e-3f);
  const __m512 b = _mm512_set1_ps(0.999f), c = _mm512_set1_ps(1e-4f);
  for (std::int64_t k = 0; k < rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < sums; ++i) a[i] = _mm512_fmadd_ps(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 16 * sums * rounds;
}

[[gnu::target("avx2,fma")]] double fp32_256() {
  __m256 a[sums];
  for (int i = 0; i < sums; ++i) a[i] = _mm256_set1_ps(static_cast<float>(i) * 1e-3f);
  const __m256 b = _mm256_set1_ps(0.999f), c = _mm256_set1_ps(1e-4f);
  for (std::int64_t k = 0; k < rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < sums; ++i) a[i] = _mm256_fmadd_ps(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 8 * sums * rounds;
}

double fp32_128() {
  __m128 a[sums];
  for (int i = 0; i < sums; ++i) a[i] = _mm_set1_ps(static_cast<float>(i) * 1e-3f);
  const __m128 b = _mm_set1_ps(0.999f), c = _mm_set1_ps(1e-4f);
  for (std::int64_t k = 0; k < rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < sums; ++i) a[i] = _mm_add_ps(_mm_mul_ps(a[i], b), c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 4 * sums * rounds;
}

[[gnu::target("avx512f,avx512bf16")]] double bf16_512() {
  __m512 a[sums];
  for (int i = 0; i < sums; ++i) a[i] = _mm512_set1_ps(static_cast<float>(i) * 1e-3f);
  const auto b = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3f7f));
  const auto c = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3c00));
  for (std::int64_t k = 0; k < rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < sums; ++i) a[i] = _mm512_dpbf16_ps(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 32 * sums * rounds;
}

[[gnu::target("avx512f,avx512bw,avx512vnni")]] double int8_512() {
  __m512i a[sums];
  for (int i = 0; i < sums; ++i) a[i] = _mm512_set1_epi32(i);
  const __m512i b = _mm512_set1_epi8(3), c = _mm512_set1_epi8(1);
  for (std::int64_t k = 0; k < rounds; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < sums; ++i) a[i] = _mm512_dpbusd_epi32(a[i], b, c);
    PLEURA_KEEP(a);
  }
  return 2.0 * 64 * sums * rounds;
}

using Loop = double (*)();

Loop loop_of(Resource resource) {
  if (resource == Resource::bf16) return __builtin_cpu_supports("avx512bf16") ? bf16_512 : nullptr;
  if (resource == Resource::int8) return __builtin_cpu_supports("avx512vnni") ? int8_512 : nullptr;
  if (__builtin_cpu_supports("avx512f")) return fp32_512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? fp32_256 : fp32_128;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double measure_memory(int threads) {
  static std::vector<float> x(std::size_t{32} << 20, 1.0f), y(x.size(), 2.0f);
  const auto part = static_cast<std::int64_t>(x.size()) / threads;
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    const auto start = std::chrono::steady_clock::now();
    parallel_for(threads, threads, [&](std::int64_t t) {
      for (std::int64_t i = t * part; i < (t + 1) * part; ++i) y[i] += x[i];
    });
    best = std::max(best, 12.0 * static_cast<double>(part * threads) / seconds_since(start));
  }
  return best;
}

}  // namespace

double measure_peak(Resource resource, int threads) {
  if (resource == Resource::memory) return measure_memory(threads);
  const Loop loop = loop_of(resource);
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

double peak(Resource resource) {
  static std::array<double, 4> best{};
  double& known = best.at(static_cast<std::size_t>(resource));
  return known = std::max(known, measure_peak(resource, resolve_threads(0)));
}

}  // namespace pleura::bench
