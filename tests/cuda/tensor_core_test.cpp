// Convolutions and deconvolutions on tensor cores against their naive twins.
#include "convolution_checks.hpp"
#include "kernels/cuda/network/implicit_gemm.hpp"
#include "kernels/cuda/variants.hpp"

namespace pleura::test {
namespace {

using kernels::cuda::fits_implicit_gemm;
using kernels::cuda::GemmTiling;
using kernels::cuda::lower;
using kernels::cuda::tensor_core_convolutions;
using kernels::cuda::tensor_core_deconvolutions;
using kernels::cuda::TensorCores;
using kernels::cuda::tiling_of;

TEST(TensorCoreConvolution, AgreesWithTheReference) {
  Random random;
  constexpr std::array<std::int64_t, 8> outputs{1, 2, 8, 15, 16, 24, 40, 72};
  for (std::size_t i = 0; i < 20; ++i) {
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
    expect_like_reference(tensor_core_convolutions(), operation);
  }
}

TEST(TensorCoreConvolution, DoesOneVoxel) {
  expect_like_reference(
      tensor_core_convolutions(),
      make_convolution({{1, 1, 1, 1, 8}, 3, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {}, 0}, DType::f16, DType::f32));
}

TEST(TensorCoreConvolution, WritesWhatIsNotAlignedToItsVectors) {
  expect_like_reference(
      tensor_core_convolutions(),
      make_convolution({{1, 2, 3, 5, 16}, 12, {1, 1, 1}, {1, 1, 1}, {}, {{{12}}}, 0}, DType::f16, DType::f16));
}

/// Every tile of both generations, also with K in parts, on rows and columns that do not fill it.
TEST(TensorCoreConvolution, EveryTileGivesTheSame) {
  const Convolution operation = make_convolution(
      {{1, 3, 7, 7, 24}, 136, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {{{0, Activation::prelu}}}, 0}, DType::f16, DType::f16);
  const OperationData data = make_data(operation, true);
  const std::vector<float> exact = run_operation(naive_twin(operation), operation, data);
  const auto problem = lower(operation);
  const auto cuda = kernels::open_device("cuda", 1);
  for (const TensorCores cores : {TensorCores::turing, TensorCores::ampere}) {
    if (!kernels::cuda::can_run(cores)) continue;
    for (const GemmTiling tiling : {GemmTiling{128, 16, 1}, GemmTiling{128, 32, 3}, GemmTiling{128, 64, 1},
                                    GemmTiling{128, 128, 2}, GemmTiling{64, 64, 4}}) {
      SCOPED_TRACE(std::to_string(tiling.rows) + "x" + std::to_string(tiling.columns));
      auto step = make_implicit_gemm(problem, tiling, cores, kernels::cuda::kernel_strides(operation));
      EXPECT_EQ(run_on_device(pack(std::move(step), data, *cuda.device), operation, data), exact);
    }
  }
}

TEST(TensorCoreConvolution, ChoosesItsTilesByShape) {
  const auto tiling = [](const Shape& input, std::int64_t outputs, const Form& form, int multiprocessors = 108) {
    return tiling_of(
        lower(make_convolution({input, outputs, form.kernel, form.stride, form.pad, {}, 0}, DType::f16, DType::f16)),
        multiprocessors);
  };
  const Form& five = forms[0];
  const Form& one = forms[2];
  EXPECT_EQ(tiling({1, 160, 120, 150, 16}, 16, five), (GemmTiling{128, 16, 1}));
  EXPECT_EQ(tiling({1, 80, 60, 75, 32}, 32, five), (GemmTiling{128, 32, 1}));
  EXPECT_EQ(tiling({1, 40, 30, 38, 64}, 64, five), (GemmTiling{128, 64, 1}));
  EXPECT_EQ(tiling({1, 40, 30, 38, 128}, 128, five), (GemmTiling{128, 128, 1}));
  EXPECT_EQ(tiling({1, 10, 8, 10, 256}, 256, five), (GemmTiling{64, 64, 4})) << "few rows: smaller tiles, K in parts";
  EXPECT_EQ(tiling({1, 10, 8, 10, 256}, 256, five, 28), (GemmTiling{64, 64, 1})) << "enough for a small GPU";
  EXPECT_EQ(tiling({1, 10, 8, 10, 256}, 64, one), (GemmTiling{64, 64, 1})) << "K is too short to cut";
}

/// The bits of a voxel are the same in a slab and in another batch, also where K is cut.
TEST(TensorCoreConvolution, GivesTheSameBitsInSlabsAndBatches) {
  const Convolution whole = make_convolution(
      {{2, 5, 3, 4, 64}, 40, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{{40, Activation::elu}}}, 8}, DType::f16, DType::f16);
  ASSERT_GT(tiling_of(lower(whole), 28).splits, 1);
  expect_same_bits_in_parts(tensor_core_convolutions(), whole);
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
    expect_like_reference(tensor_core_deconvolutions(), operation);
  }
}

}  // namespace
}  // namespace pleura::test
