// Variants of convolution and deconvolution on tensor cores.
#include "kernels/cuda/network/implicit_gemm.hpp"
#include "kernels/cuda/variants.hpp"

namespace pleura::kernels::cuda {
namespace {

template <TensorCores cores, class Operation>
bool supports(const Operation& operation, const runtime::Device& /*device*/) {
  return fits_implicit_gemm(lower(operation)) && can_run(cores);
}

/// Multiply-accumulates, whole tiles of columns counted, at eight times the rate of fp32.
template <TensorCores cores, class Operation>
double cost(const Operation& operation, const runtime::Device& device) {
  const Lowered problem = lower(operation);
  const std::int64_t width = tiling_of(problem, device.properties().multiprocessors).columns;
  const std::int64_t columns = (columns_of(problem) + width - 1) / width * width;
  const double macs =
      32.0 * static_cast<double>(steps_of(problem) * problem.positions()) * static_cast<double>(columns);
  return macs / (cores == TensorCores::ampere ? 8 : 4);
}

template <TensorCores cores, class Operation>
std::unique_ptr<WeightedStep> make(const Operation& operation, const runtime::Device& device) {
  const Lowered problem = lower(operation);
  return make_implicit_gemm(problem, tiling_of(problem, device.properties().multiprocessors), cores,
                            kernel_strides(operation));
}

template <TensorCores cores, class Operation>
constexpr Variant<Operation, WeightedStep> variant(const char* name) {
  return {name, supports<cores, Operation>, cost<cores, Operation>, make<cores, Operation>};
}

template <class Operation>
constexpr std::array variants{variant<TensorCores::ampere, Operation>("tensor-core"),
                              variant<TensorCores::turing, Operation>("tensor-core-turing")};

}  // namespace

std::span<const ConvolutionVariant> tensor_core_convolutions() { return variants<Convolution>; }

std::span<const DeconvolutionVariant> tensor_core_deconvolutions() { return variants<Deconvolution>; }

}  // namespace pleura::kernels::cuda
