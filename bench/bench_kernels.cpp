// Each shape of layer that the networks hold, by each variant of the CPU backend that the processor has, at the sizes
// of a chest of 160 x 128 x 160 voxels of 2 mm (planes of the finest stages cut down; every stage still exceeds the
// caches where it does in the network).
#include <cmath>
#include <memory>

#include "kernels/backend.hpp"
#include "random.hpp"
#include "report.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::bench {
namespace {

using kernels::Activation;
using kernels::Convolution;
using kernels::Deconvolution;
using runtime::DType;
using runtime::Shape;

/// One layer: `residual` is the number of channels added before the activation, `beside` further channels in the
/// buffers of input and output.
struct LayerShape {
  const char* name;
  std::int64_t in, out, kernel, stride;
  Shape grid;  ///< of the input
  std::int64_t residual = 0, in_beside = 0, out_beside = 0;
};

const LayerShape convolutions[] = {
    {"stem 5^3 1>16", 1, 16, 5, 1, {1, 16, 128, 160, 1}, 1},
    {"down1 2^3 16>32", 16, 32, 2, 2, {1, 16, 128, 160, 1}},
    {"down2 2^3 32>64", 32, 64, 2, 2, {1, 16, 64, 80, 1}},
    {"down3 2^3 64>128", 64, 128, 2, 2, {1, 20, 32, 40, 1}},
    {"down4 2^3 128>256", 128, 256, 2, 2, {1, 20, 16, 20, 1}},
    {"reduce 1^3 32>24", 32, 24, 1, 1, {1, 16, 64, 80, 1}},
    {"mid 3^3 8>8", 8, 8, 3, 1, {1, 16, 64, 80, 1}, 0, 16, 16},
    {"expand 1^3 24>32", 24, 32, 1, 1, {1, 16, 64, 80, 1}, 32},
    {"reduce 1^3 64>48", 64, 48, 1, 1, {1, 20, 32, 40, 1}},
    {"mid 3^3 16>16", 16, 16, 3, 1, {1, 20, 32, 40, 1}, 0, 32, 32},
    {"expand 1^3 48>64", 48, 64, 1, 1, {1, 20, 32, 40, 1}, 64},
    {"reduce 1^3 128>96", 128, 96, 1, 1, {1, 20, 32, 40, 1}},
    {"mid 3^3 32>32", 32, 32, 3, 1, {1, 20, 32, 40, 1}, 0, 64, 64},
    {"expand 1^3 96>128", 96, 128, 1, 1, {1, 20, 32, 40, 1}, 128},
    {"reduce 1^3 256>192", 256, 192, 1, 1, {1, 20, 16, 20, 1}},
    {"mid 3^3 64>64", 64, 64, 3, 1, {1, 20, 16, 20, 1}, 0, 128, 128},
    {"expand 1^3 192>256", 192, 256, 1, 1, {1, 20, 16, 20, 1}, 256},
    {"head 1^3 128>64", 128, 64, 1, 1, {1, 20, 32, 40, 1}},
    {"head 1^3 64>15", 64, 15, 1, 1, {1, 20, 32, 40, 1}},
    {"conv 5^3 32>32", 32, 32, 5, 1, {1, 8, 64, 80, 1}, 32},
    {"conv 5^3 64>64", 64, 64, 5, 1, {1, 8, 32, 40, 1}, 64},
    {"conv 5^3 128>128", 128, 128, 5, 1, {1, 8, 32, 40, 1}, 128},
    {"conv 5^3 256>256", 256, 256, 5, 1, {1, 8, 16, 20, 1}, 256},
    {"mask head 5^3 32>2", 32, 2, 5, 1, {1, 8, 64, 80, 1}},
    {"classifier 3^2 3>16", 3, 16, 3, 1, {24, 1, 60, 60, 1}},
    {"classifier 3^2 16>16", 16, 16, 3, 1, {24, 1, 30, 30, 1}, 16},
    {"classifier 3^2 16>32", 16, 32, 3, 1, {24, 1, 30, 30, 1}},
    {"classifier 3^2 32>16", 32, 16, 3, 1, {24, 1, 30, 30, 1}},
    {"classifier 3^2 16>4", 16, 4, 3, 1, {24, 1, 15, 15, 1}},
};

/// Into the first half of the concatenation's buffer.
const LayerShape deconvolutions[] = {
    {"up3 2^3 256>128", 256, 128, 2, 2, {1, 10, 8, 10, 1}, 0, 0, 128},
    {"up2 2^3 256>64", 256, 64, 2, 2, {1, 20, 16, 20, 1}, 0, 0, 64},
    {"up1 2^3 128>32", 128, 32, 2, 2, {1, 10, 32, 40, 1}, 0, 0, 32},
    {"up0 2^3 64>16", 64, 16, 2, 2, {1, 8, 64, 80, 1}, 0, 0, 16},
};

Shape with_channels(Shape shape, std::int64_t channels) {
  shape.c = channels;
  return shape;
}

Convolution operation(const LayerShape& layer, DType type, const Convolution* /*kind*/) {
  Convolution op;
  const bool image = layer.grid.d == 1;
  const std::int64_t pad = layer.kernel > 2 ? layer.kernel / 2 : 0, s = layer.stride;
  const Shape& g = layer.grid;
  const Shape out{g.n, g.d / s, g.h / s, g.w / s, layer.out};
  op.input = {type, with_channels(g, layer.in), layer.in + layer.in_beside};
  op.output = {type, out, layer.out + layer.out_beside};
  op.kernel = {image ? 1 : layer.kernel, layer.kernel, layer.kernel};
  op.stride = {s, s, s};
  op.pad_low = op.pad_high = {image ? 0 : pad, pad, pad};
  op.epilogue.stages[0].activation = Activation::prelu;
  if (layer.residual > 0) op.epilogue.stages[0].residual = dense(type, with_channels(out, layer.residual));
  return op;
}

Deconvolution operation(const LayerShape& layer, DType type, const Deconvolution* /*kind*/) {
  Deconvolution op;
  const Shape& g = layer.grid;
  op.input = dense(type, with_channels(g, layer.in));
  op.output = {type, {g.n, g.d * 2, g.h * 2, g.w * 2, layer.out}, layer.out + layer.out_beside};
  op.epilogue.stages[0].activation = Activation::prelu;
  return op;
}

std::int64_t taps(const Convolution& op) { return op.kernel[0] * op.kernel[1] * op.kernel[2]; }
std::int64_t taps(const Deconvolution& op) { return op.stride[0] * op.stride[1] * op.stride[2]; }

/// The bytes of a tensor full of noise.
std::vector<char> noise_tensor(const runtime::TensorDesc& desc) {
  std::vector<char> bytes(static_cast<std::size_t>(desc.shape.voxels() * desc.pitch * size_of(desc.dtype)));
  const std::vector<float> values = noise(desc.shape.voxels() * desc.pitch);
  for (std::size_t i = 0; i < values.size(); ++i)
    runtime::store_element(desc.dtype, bytes.data(), static_cast<std::int64_t>(i), values[i]);
  return bytes;
}

template <class Operation>
void run(benchmark::State& state, const Operation& op,
         const kernels::Variant<Operation, kernels::ConvolutionWeights>& variant) {
  const std::int64_t in = op.input.shape.c, out = op.output.shape.c;
  const auto kernel = noise(taps(op) * in * out, std::sqrt(6.0f / static_cast<float>(taps(op) * in)));
  const auto bias = noise(out, 0.1f), slopes = noise(out, 0.25f);
  const auto step = variant.make(op, {kernel, bias, {slopes, {}}});
  const auto input = noise_tensor(op.input);
  auto output = noise_tensor(op.output);
  std::vector<char> workspace(static_cast<std::size_t>(step->workspace_bytes()) + 64);
  void* aligned = workspace.data();
  std::size_t space = workspace.size();
  std::align(64, static_cast<std::size_t>(step->workspace_bytes()), aligned, space);
  runtime::Operands operands{input.data(), output.data(), {}, aligned};
  std::vector<char> residual;
  if (op.epilogue.stages[0].residual) {
    residual = noise_tensor(*op.epilogue.stages[0].residual);
    operands.residuals[0] = residual.data();
  }
  const runtime::Stream stream{resolve_threads(0)};
  step->enqueue(operands, stream);
  for (auto _ : state) step->enqueue(operands, stream);
  report_work(state, 2.0 * static_cast<double>(kernels::macs(op)), op.input.dtype == DType::bf16);
}

template <class Operation, class Variants>
void add(const LayerShape& layer, const Variants& variants) {
  for (const DType type : {DType::f32, DType::bf16}) {
    const auto op = operation(layer, type, static_cast<const Operation*>(nullptr));
    for (const auto& variant : variants) {
      if (!variant.supports(op) || std::string_view(variant.name) == "reference") continue;
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
}
