// Every variant of every backend against PyTorch in float64: reference/torch.json and the arrays beside it.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "npy.hpp"
#include "problems.hpp"

namespace pleura::test {
namespace {

using nlohmann::json;

std::filesystem::path folder() { return std::filesystem::path(PLEURA_SOURCE_DIR) / "tests/kernels/reference"; }

json cases() { return json::parse(std::ifstream(folder() / "torch.json")); }

Activation activation_of(const std::string& name) {
  if (name == "relu") return Activation::relu;
  if (name == "elu") return Activation::elu;
  return name == "prelu" ? Activation::prelu : Activation::none;
}

ConvolutionSpec spec_of(const json& c) {
  const auto in = c["input"].get<std::array<std::int64_t, 5>>();
  ConvolutionSpec spec{{in[0], in[1], in[2], in[3], in[4]}, c["outputs"], c["kernel"], c["stride"], c["pad"], {}, 0};
  for (std::size_t i = 0; i < 2; ++i)
    spec.stages[i] = {c["stages"][i]["residual"], activation_of(c["stages"][i]["activation"])};
  return spec;
}

/// The script's numbers for an operation.
template <class Operation>
OperationData data_of(const std::string& name, const Operation& operation) {
  const auto draw = [&](const std::string& what, std::int64_t count, float low, float high) {
    std::vector<float> values = uniform(name + "/" + what, 0, count);
    for (float& value : values) value = low + high * value;
    return values;
  };
  const std::int64_t out = operation.output.shape.c;
  const bool transposed = std::is_same_v<Operation, Deconvolution>;
  const std::int64_t fan_in =
      transposed ? operation.input.shape.c : std::max<std::int64_t>(1, kernel_size(operation) / out);
  OperationData data;
  data.input = draw("input", operation.input.shape.elements(), 0, 1);
  data.kernel =
      draw("kernel", kernel_size(operation), 0, static_cast<float>(std::sqrt(6.0 / static_cast<double>(fan_in))));
  data.bias = draw("bias", out, 0, 0.1f);
  const kernels::Epilogue epilogue = epilogue_of(operation);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string index = std::to_string(i);
    if (epilogue.stages[i].activation == Activation::prelu) data.slopes[i] = draw("slopes" + index, out, 0.25f, 0.1f);
    if (const auto& residual = epilogue.stages[i].residual)
      data.residuals[i] = draw("residual" + index, residual->shape.elements(), 0, 1);
  }
  return data;
}

template <class Operation, class Variants>
void expect_like_torch(const json& c, const Variants& variants, const Operation& operation) {
  const std::string name = c["name"];
  const Npy reference = read_npy(folder() / (name + ".npy"));
  const bool narrow = operation.input.dtype == DType::bf16;
  const double limit = narrow ? 2e-2 : 1e-5;
  const json& torch = c[narrow ? "bf16" : "fp32"];
  const auto at_most = [&](const char* figure, double times) {
    return std::min(limit, times * torch[figure].get<double>());
  };
  // The largest of some hundred errors varies more than their sum.
  const Errors bound{at_most("l2", 2), at_most("max", 4), at_most("border", 2)};
  for (const auto& variant : variants) {
    if (!variant.supports(operation, host())) continue;
    const std::vector<float> out = run_operation(variant, operation, data_of(name, operation));
    const Errors errors = errors_of<double>(out, reference.values, operation.output.shape);
    EXPECT_TRUE(errors.within(bound)) << name << " by " << variant.name << ": " << errors << "; allowed " << bound;
  }
}

class Torch : public testing::TestWithParam<DType> {};

TEST_P(Torch, AgreesOnEveryKindOfLayer) {
  for (const kernels::Backend* backend : {&kernels::reference_backend(), &kernels::cpu_backend()})
    for (const json& c : cases()) {
      const ConvolutionSpec spec = spec_of(c);
      if (c["operation"] == "conv")
        expect_like_torch(c, backend->convolutions, make_convolution(spec, GetParam(), GetParam()));
      else if (c["operation"] == "deconv")
        expect_like_torch(c, backend->deconvolutions, make_deconvolution(spec, GetParam()));
      else {
        Shape out = spec.input;
        out.h = (out.h + 1) / 2;
        out.w = (out.w + 1) / 2;
        expect_like_torch(
            c, backend->poolings,
            Pooling{runtime::dense(GetParam(), spec.input), runtime::dense(GetParam(), out), spec.kernel});
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Precisions, Torch, testing::Values(DType::f32, DType::bf16),
                         [](const auto& precision) { return std::string(name_of(precision.param)); });

}  // namespace
}  // namespace pleura::test
