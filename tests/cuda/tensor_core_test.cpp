// Convolutions and deconvolutions on tensor cores against their naive twins.
#include "errors.hpp"
#include "kernels/cuda/implicit_gemm.hpp"
#include "kernels/cuda/variants.hpp"
#include "random.hpp"
#include "run_on_device.hpp"

namespace pleura::test {
namespace {

using kernels::cuda::fits_implicit_gemm;
using kernels::cuda::GemmTiling;
using kernels::cuda::lower;
using kernels::cuda::tensor_core_convolutions;
using kernels::cuda::tensor_core_deconvolutions;
using kernels::cuda::TensorCores;
using kernels::cuda::tiling_of;

/// Sums in fp32 of products that are exact; one rounding to f16, which the reference has too.
Errors bound(DType output) { return output == DType::f16 ? Errors{5e-4, 1e-3, 5e-4} : Errors{2e-6, 4e-6, 2e-6}; }

/// Whether whole numbers stay exact: the exponential of ELU does not.
bool keeps_whole_numbers(const kernels::Epilogue& epilogue) {
  return std::ranges::none_of(epilogue.stages, [](const auto& stage) { return stage.activation == Activation::elu; });
}

template <class Operation>
void expect_like_reference(std::span<const kernels::Variant<Operation, kernels::ConvolutionWeights>> variants,
                           const kernels::Variant<Operation, kernels::ConvolutionWeights>& reference,
                           const Operation& operation) {
  const OperationData whole = make_data(operation, true), real = make_data(operation, false);
  const std::vector<float> exact = run_operation(reference, operation, whole);
  const std::vector<float> close = run_operation(reference, operation, real);
  for (const auto& variant : variants) {
    if (!variant.supports(operation)) continue;  // on a GPU, one of the two generations
    if (keeps_whole_numbers(operation.epilogue)) {
      EXPECT_EQ(run_on_device(variant, operation, whole), exact)
          << variant.name << ": whole numbers must match exactly";
    }
    const Errors errors = errors_of<float>(run_on_device(variant, operation, real), close, operation.output.shape);
    EXPECT_TRUE(errors.within(bound(operation.output.dtype))) << variant.name << ": " << errors;
  }
}

void expect_like_reference(const Convolution& operation) {
  expect_like_reference(tensor_core_convolutions(), kernels::reference_backend().convolutions[0], operation);
}

void expect_like_reference(const Deconvolution& operation) {
  expect_like_reference(tensor_core_deconvolutions(), kernels::reference_backend().deconvolutions[0], operation);
}

struct Form {
  Extent3 kernel, stride, pad;
};
constexpr std::array<Form, 5> forms{{{{5, 5, 5}, {1, 1, 1}, {2, 2, 2}},
                                     {{3, 3, 3}, {1, 1, 1}, {1, 1, 1}},
                                     {{1, 1, 1}, {1, 1, 1}, {}},
                                     {{2, 2, 2}, {2, 2, 2}, {}},
                                     {{1, 3, 3}, {1, 1, 1}, {0, 1, 1}}}};

std::array<StageSpec, 2> random_stages(Random& random, std::int64_t outputs) {
  std::array<StageSpec, 2> stages;
  for (StageSpec& stage : stages) {
    stage.activation = static_cast<Activation>(random(0, 3));
    const std::array<std::int64_t, 3> channels{0, 1, outputs};
    stage.residual = channels[static_cast<std::size_t>(random(0, 2))];
  }
  return stages;
}

TEST(TensorCoreConvolution, AgreesWithTheReference) {
  Random random;
  constexpr std::array<std::int64_t, 8> outputs{1, 2, 8, 15, 16, 24, 40, 72};
  for (std::size_t i = 0; i < 30; ++i) {
    const Form& form = forms[i % forms.size()];
    ConvolutionSpec spec;
    spec.input = {random(1, 2), random(form.stride[0], 5), random(form.stride[1], 7), random(form.stride[2], 9),
                  8 * random(1, 5)};
    spec.outputs = outputs[static_cast<std::size_t>(random(0, 7))];
    spec.kernel = form.kernel;
    spec.stride = form.stride;
    spec.pad = form.pad;
    spec.stages = random_stages(random, spec.outputs);
    spec.beside = 8 * random(0, 2);
    const Convolution operation = make_convolution(spec, DType::f16, i % 4 == 3 ? DType::f32 : DType::f16);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_like_reference(operation);
  }
}

TEST(TensorCoreConvolution, DoesOneVoxel) {
  expect_like_reference(
      make_convolution({{1, 1, 1, 1, 8}, 3, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {}, 0}, DType::f16, DType::f32));
}

TEST(TensorCoreConvolution, WritesWhatIsNotAlignedToItsVectors) {
  expect_like_reference(
      make_convolution({{1, 2, 3, 5, 16}, 12, {1, 1, 1}, {1, 1, 1}, {}, {{{12}}}, 0}, DType::f16, DType::f16));
}

/// Every tile of both generations, also with K in parts, on rows and columns that do not fill it.
TEST(TensorCoreConvolution, EveryTileGivesTheSame) {
  const Convolution operation = make_convolution(
      {{1, 3, 7, 7, 24}, 136, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {{{0, Activation::prelu}}}, 0}, DType::f16, DType::f16);
  const OperationData data = make_data(operation, true);
  const std::vector<float> exact = run_operation(kernels::reference_backend().convolutions[0], operation, data);
  const auto problem = lower(operation);
  for (const TensorCores cores : {TensorCores::turing, TensorCores::ampere}) {
    if (!kernels::cuda::can_run(cores)) continue;
    for (const GemmTiling tiling : {GemmTiling{128, 16, 1}, GemmTiling{128, 32, 3}, GemmTiling{128, 64, 1},
                                    GemmTiling{128, 128, 2}, GemmTiling{64, 64, 4}}) {
      SCOPED_TRACE(std::to_string(tiling.rows) + "x" + std::to_string(tiling.columns));
      const auto step = make_implicit_gemm(problem, tiling, cores, {data.kernel, data.bias, {data.slopes[0], {}}},
                                           kernels::cuda::kernel_strides(operation));
      EXPECT_EQ(run_on_device(*step, operation, data), exact);
    }
  }
}

TEST(TensorCoreConvolution, ChoosesItsTilesByShape) {
  const auto tiling = [](const Shape& input, std::int64_t outputs, const Form& form) {
    return tiling_of(
        lower(make_convolution({input, outputs, form.kernel, form.stride, form.pad, {}, 0}, DType::f16, DType::f16)));
  };
  const Form& five = forms[0];
  const Form& one = forms[2];
  EXPECT_EQ(tiling({1, 160, 120, 150, 16}, 16, five), (GemmTiling{128, 16, 1}));
  EXPECT_EQ(tiling({1, 80, 60, 75, 32}, 32, five), (GemmTiling{128, 32, 1}));
  EXPECT_EQ(tiling({1, 40, 30, 38, 64}, 64, five), (GemmTiling{128, 64, 1}));
  EXPECT_EQ(tiling({1, 40, 30, 38, 128}, 128, five), (GemmTiling{128, 128, 1}));
  EXPECT_EQ(tiling({1, 10, 8, 10, 256}, 256, five), (GemmTiling{64, 64, 4})) << "few rows: smaller tiles, K in parts";
  EXPECT_EQ(tiling({1, 10, 8, 10, 256}, 64, one), (GemmTiling{64, 64, 1})) << "K is too short to cut";
}

/// The bits of a voxel are the same in a slab and in another batch, also where K is cut.
TEST(TensorCoreConvolution, GivesTheSameBitsInSlabsAndBatches) {
  const Convolution whole = make_convolution(
      {{2, 5, 3, 4, 64}, 40, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{{40, Activation::elu}}}, 8}, DType::f16, DType::f16);
  ASSERT_GT(tiling_of(lower(whole)).splits, 1);
  const OperationData data = make_data(whole, false);
  // planes [3, 5) of the second image, from planes [2, 5) and one of padding
  Convolution part = whole;
  part.input.shape.n = part.output.shape.n = part.epilogue.stages[0].residual->shape.n = 1;
  part.input.shape.d = 3;
  part.output.shape.d = part.epilogue.stages[0].residual->shape.d = 2;
  part.pad_low[0] = 0;
  const auto cut = [](const std::vector<float>& values, const Shape& shape, std::int64_t from, std::int64_t to) {
    const std::int64_t plane = shape.h * shape.w * shape.c, image = shape.d * plane;
    return std::vector<float>{values.begin() + image + from * plane, values.begin() + image + to * plane};
  };
  OperationData piece = data;
  piece.input = cut(data.input, whole.input.shape, 2, 5);
  piece.residuals[0] = cut(data.residuals[0], whole.output.shape, 3, 5);
  for (const auto& variant : tensor_core_convolutions()) {
    if (!variant.supports(whole)) continue;
    EXPECT_EQ(run_on_device(variant, part, piece), cut(run_on_device(variant, whole, data), whole.output.shape, 3, 5));
  }
}

TEST(TensorCoreConvolution, RefusesWhatItCannotDo) {
  const auto supported = [](const ConvolutionSpec& spec, DType type) {
    return fits_implicit_gemm(lower(make_convolution(spec, type, type)));
  };
  const ConvolutionSpec good{{1, 4, 4, 4, 16}, 8, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {}, 0};
  EXPECT_TRUE(supported(good, DType::f16));
  EXPECT_FALSE(supported(good, DType::f32));
  ConvolutionSpec other = good;
  other.input.c = 12;
  EXPECT_FALSE(supported(other, DType::f16)) << "not whole granules";
  other = good;
  other.beside = 4;
  EXPECT_FALSE(supported(other, DType::f16)) << "voxels that are not aligned";
  other = good;
  other.input = {1, 9, 9, 9, 16};
  other.kernel = {9, 9, 9};
  EXPECT_FALSE(supported(other, DType::f16)) << "more taps than a mask has bits";
  EXPECT_FALSE(fits_implicit_gemm(lower(make_deconvolution({{1, 2, 2, 2, 16}, 12, {}, {}, {}, {}, 0}, DType::f16))))
      << "granules across phases";
}

TEST(TensorCoreDeconvolution, AgreesWithTheReference) {
  Random random;
  for (int i = 0; i < 10; ++i) {
    ConvolutionSpec spec;
    spec.input = {random(1, 2), random(1, 3), random(1, 4), random(1, 6), 8 * random(1, 6)};
    spec.outputs = 8 * random(1, 5);
    spec.stages = random_stages(random, spec.outputs);
    spec.beside = 8 * random(0, 3);
    const Deconvolution operation = make_deconvolution(spec, DType::f16);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_like_reference(operation);
  }
}

}  // namespace
}  // namespace pleura::test
