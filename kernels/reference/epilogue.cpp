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

EpilogueWeights::EpilogueWeights(const ConvolutionWeights& weights) : bias_(weights.bias.begin(), weights.bias.end()) {
  for (std::size_t i = 0; i < slopes_.size(); ++i)
    slopes_[i].assign(weights.slopes[i].begin(), weights.slopes[i].end());
}

std::int64_t EpilogueWeights::bytes() const {
  return static_cast<std::int64_t>((bias_.size() + slopes_[0].size() + slopes_[1].size()) * sizeof(float));
}

void EpilogueWeights::store(const Epilogue& epilogue, const runtime::TensorDesc& output,
                            const runtime::Operands& operands, std::int64_t voxel, std::span<const double> sums) const {
  for (std::int64_t o = 0; o < output.shape.c; ++o) {
    double value = sums[o] + bias_[o];
    for (std::size_t i = 0; i < epilogue.stages.size(); ++i) {
      const EpilogueStage& stage = epilogue.stages[i];
      if (stage.residual) {
        const std::int64_t channel = stage.residual->shape.c == 1 ? 0 : o;
        value += runtime::load_element(stage.residual->dtype, operands.residuals[i],
                                       voxel * stage.residual->pitch + channel);
      }
      value = activate(stage.activation, value, slopes_[i].empty() ? 0 : slopes_[i][o]);
    }
    runtime::store_element(output.dtype, operands.output, voxel * output.pitch + o, static_cast<float>(value));
  }
}

}  // namespace pleura::kernels::reference
