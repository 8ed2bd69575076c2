#include "kernels/reference/epilogue.hpp"

#include <cmath>

#include "runtime/float16.hpp"

namespace pleura::kernels::reference {
namespace {

double activate(Activation activation, double x, double slope) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x > 0 || std::isnan(x) ? x : 0;
    case Activation::elu:
      return x > 0 ? x : std::expm1(x);
    case Activation::prelu:
      return x > 0 ? x : slope * x;
  }
  return x;
}

}  // namespace

void store(const Epilogue& epilogue, const EpilogueWeights& weights, const runtime::TensorDesc& output,
           const runtime::Operands& operands, std::int64_t voxel, std::span<const double> sums) {
  for (std::int64_t o = 0; o < output.shape.c; ++o) {
    double value = sums[o] + weights.bias[o];
    for (std::size_t i = 0; i < epilogue.stages.size(); ++i) {
      const EpilogueStage& stage = epilogue.stages[i];
      if (stage.residual) {
        const std::int64_t channel = stage.residual->shape.c == 1 ? 0 : o;
        value += runtime::load_element(stage.residual->dtype, operands.residuals[i],
                                       voxel * stage.residual->pitch + channel);
      }
      value = activate(stage.activation, value, weights.slopes[i] == nullptr ? 0 : weights.slopes[i][o]);
    }
    runtime::store_element(output.dtype, operands.output, voxel * output.pitch + o, static_cast<float>(value));
  }
}

}  // namespace pleura::kernels::reference
