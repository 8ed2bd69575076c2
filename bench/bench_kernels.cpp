// Each shape of layer by each variant of the CPU backend that the processor has.
#include <memory>

#include "noise_weights.hpp"
#include "outcome.hpp"
#include "report.hpp"
#include "runtime/parallel.hpp"

namespace pleura::bench {
namespace {

runtime::Device& cpu() {
  static const std::unique_ptr<runtime::Device> device = runtime::open_cpu("cpu", resolve_threads(0));
  return *device;
}

template <class Operation>
void run(benchmark::State& state, const Operation& op,
         const kernels::Variant<Operation, kernels::WeightedStep>& variant) {
  const auto step = variant.make(op, cpu());
  const runtime::Arena weights = noise_weights(op, *step, cpu());
  const auto input = noise_tensor(op.input);
  auto output = noise_tensor(op.output);
  std::vector<char> workspace(static_cast<std::size_t>(step->workspace_bytes()) + 64);
  void* aligned = workspace.data();
  std::size_t space = workspace.size();
  std::align(64, static_cast<std::size_t>(step->workspace_bytes()), aligned, space);
  runtime::Operands operands{input.data(), output.data(), {}, aligned, weights.data()};
  std::vector<char> residual;
  if (op.epilogue.stages[0].residual) {
    residual = noise_tensor(*op.epilogue.stages[0].residual);
    operands.residuals[0] = residual.data();
  }
  const runtime::Stream stream{resolve_threads(0)};
  step->enqueue(operands, stream);
  require_output(state, runtime::TensorView{op.output, output.data()});
  for (auto _ : state) step->enqueue(operands, stream);
  report_work(state, 2.0 * static_cast<double>(kernels::macs(op)), op.input.dtype == DType::bf16);
}

template <class Operation, class Variants>
void add(const LayerShape& layer, const Variants& variants) {
  for (const DType type : {DType::f32, DType::bf16}) {
    const auto op = operation(layer, type, static_cast<const Operation*>(nullptr));
    for (const auto& variant : variants) {
      if (!variant.supports(op, cpu()) || std::string_view(variant.name) == "reference") continue;
      const std::string name = std::string(layer.name) + "/" + name_of(type) + "/" + variant.name;
      repeated(benchmark::RegisterBenchmark(name.c_str(), run<Operation>, op, variant));
    }
  }
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  using namespace pleura;
  benchmark::Initialize(&argc, argv);
  for (const auto& layer : bench::convolutions)
    bench::add<kernels::Convolution>(layer, kernels::cpu_backend().convolutions);
  for (const auto& layer : bench::deconvolutions)
    bench::add<kernels::Deconvolution>(layer, kernels::cpu_backend().deconvolutions);
  benchmark::RunSpecifiedBenchmarks();
  return bench::failures() > 0;
}
