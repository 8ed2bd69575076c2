#include "kernels/backend.hpp"

#include <vector>

#include "kernels/cpu/variants.hpp"

namespace pleura::kernels {
namespace {

/// The variants of the CPU, then the reference for what none of them supports.
template <class V>
std::vector<V> with_reference(std::span<const V> own, std::span<const V> reference) {
  std::vector<V> all(own.begin(), own.end());
  all.insert(all.end(), reference.begin(), reference.end());
  return all;
}

}  // namespace

const Backend& cpu_backend() {
  static const auto convolutions = with_reference(cpu::convolution_variants(), reference_backend().convolutions);
  static const auto deconvolutions = with_reference(cpu::deconvolution_variants(), reference_backend().deconvolutions);
  static const auto poolings = with_reference(cpu::pooling_variants(), reference_backend().poolings);
  static const Backend backend{"cpu", runtime::open_cpu, convolutions, deconvolutions, poolings};
  return backend;
}

}  // namespace pleura::kernels
