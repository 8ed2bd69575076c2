// Variants of the convolution and the deconvolution on our own tiles.
#include "kernels/cpu/direct.hpp"
#include "kernels/cpu/variants.hpp"

namespace pleura::kernels::cpu {
namespace {

/// OIDHW.
KernelStrides strides_of(const Convolution& operation) {
  const std::int64_t taps = operation.kernel[0] * operation.kernel[1] * operation.kernel[2];
  return {0, 1, taps, taps * operation.input.shape.c};
}

/// IODHW: each voxel of the kernel is a phase.
KernelStrides strides_of(const Deconvolution& operation) {
  const std::int64_t phases = operation.stride[0] * operation.stride[1] * operation.stride[2];
  return {1, 0, phases * operation.output.shape.c, phases};
}

DirectProblem problem_of(const Convolution& operation) { return direct_problem(operation); }

DirectProblem problem_of(const Deconvolution& operation) {
  const auto& in = operation.input.shape;
  DirectProblem problem;
  problem.input = operation.input;
  problem.output = operation.output;
  problem.n = in.n;
  problem.grid = {in.d, in.h, in.w};
  problem.scale = operation.stride;
  problem.epilogue = operation.epilogue;
  return problem;
}

template <const TileSet& tiles, class Operation>
bool supports(const Operation& operation, const runtime::Device& /*device*/) {
  return direct_supports(tiles, problem_of(operation));
}

template <const TileSet& tiles, class Operation>
double cost(const Operation& operation, const runtime::Device& /*device*/) {
  return direct_cost(tiles, problem_of(operation));
}

template <const TileSet& tiles, class Operation>
std::unique_ptr<WeightedStep> make(const Operation& operation, const runtime::Device& /*device*/) {
  return make_direct(tiles, problem_of(operation), strides_of(operation));
}

template <const TileSet& tiles, class Operation>
constexpr Variant<Operation, WeightedStep> variant(const char* name) {
  return {name, supports<tiles, Operation>, cost<tiles, Operation>, make<tiles, Operation>};
}

template <class Operation>
constexpr std::array variants {
#if defined(__x86_64__)
  variant<avx512_bf16_tiles, Operation>("avx512-bf16"), variant<avx512_tiles, Operation>("avx512"),
      variant<avx2_tiles, Operation>("avx2"),
#endif
      variant<portable_tiles, Operation>("portable"),
};

}  // namespace

std::span<const ConvolutionVariant> convolution_variants() { return variants<Convolution>; }

std::span<const DeconvolutionVariant> deconvolution_variants() { return variants<Deconvolution>; }

}  // namespace pleura::kernels::cpu
