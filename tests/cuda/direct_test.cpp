// The direct convolution against its naive twin.
#include "convolution_checks.hpp"
#include "kernels/cuda/network/direct_convolution.hpp"
#include "kernels/cuda/variants.hpp"

namespace pleura::test {
namespace {

using kernels::cuda::direct_convolutions;
using kernels::cuda::direct_deconvolutions;
using kernels::cuda::direct_tiling;
using kernels::cuda::DirectShape;
using kernels::cuda::lower;

struct Types {
  DType input, output;
};
constexpr std::array<Types, 3> types{{{DType::f32, DType::f32}, {DType::f16, DType::f16}, {DType::f16, DType::f32}}};

TEST(DirectConvolution, AgreesWithTheReference) {
  Random random;
  constexpr std::array<std::int64_t, 9> inputs{1, 2, 3, 4, 8, 12, 24, 33, 40}, outputs{1, 2, 4, 8, 15, 16, 18, 24, 40};
  for (std::size_t i = 0; i < 30; ++i) {
    const Form& form = forms[i % forms.size()];
    ConvolutionSpec spec;
    spec.input = {random(1, 2), random(form.stride[0], 5), random(form.stride[1], 18), random(form.stride[2], 19),
                  inputs[static_cast<std::size_t>(random(0, 8))]};
    spec.outputs = outputs[static_cast<std::size_t>(random(0, 8))];
    spec.kernel = form.kernel;
    spec.stride = form.stride;
    spec.pad = form.pad;
    spec.stages = random_stages(random, spec.outputs);
    spec.beside = random(0, 1) * random(1, 9);
    const Types& type = types[i % types.size()];
    const Convolution operation = make_convolution(spec, type.input, type.output);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_like_reference(direct_convolutions(), operation);
  }
}

/// Every tile of every kernel and type, with sizes that do not fill it.
TEST(DirectConvolution, EveryTileAgreesWithTheReference) {
  struct Case {
    DirectShape shape;
    Extent3 size;
    std::int64_t outputs;
  };
  for (const Case& tile :
       {Case{DirectShape::wide, {1, 16, 33}, 16}, Case{DirectShape::square, {1, 14, 31}, 24},
        Case{DirectShape::small_planes, {5, 7, 6}, 24}, Case{DirectShape::few_outputs, {1, 33, 5}, 2}})
    for (const std::int64_t k : {1, 3, 5})
      for (const Types& type : types) {
        const std::int64_t pad = k / 2;
        const Convolution operation = make_convolution({{1, tile.size[0], tile.size[1], tile.size[2], k == 1 ? 20 : 8},
                                                        tile.outputs,
                                                        {k, k, k},
                                                        {1, 1, 1},
                                                        {pad, pad, pad},
                                                        {{{tile.outputs, Activation::prelu}}},
                                                        4},
                                                       type.input, type.output);
        SCOPED_TRACE(to_string(operation));
        EXPECT_EQ(direct_tiling(lower(operation), 28).shape, tile.shape);
        EXPECT_EQ(direct_tiling(lower(operation), 28).k, k);
        expect_like_reference(direct_convolutions(), operation);
      }
}

/// What the networks hold besides: a linear layer, kernels, strides and paddings of any kind.
TEST(DirectConvolution, DoesEveryKernelAndStride) {
  for (const Types& type : types)
    for (const ConvolutionSpec& spec :
         {ConvolutionSpec{{3, 1, 8, 8, 4}, 10, {1, 8, 8}, {1, 1, 1}, {}, {{{0, Activation::relu}}}, 1},
          ConvolutionSpec{{2, 1, 9, 11, 3}, 16, {1, 7, 7}, {1, 2, 2}, {0, 3, 3}, {}, 0},
          ConvolutionSpec{{1, 6, 7, 9, 4}, 8, {3, 3, 3}, {2, 2, 2}, {1, 1, 1}, {}, 0},
          ConvolutionSpec{{1, 5, 6, 7, 8}, 8, {5, 1, 1}, {1, 1, 1}, {2, 0, 0}, {}, 0},
          ConvolutionSpec{{1, 2, 6, 7, 8}, 8, {1, 3, 5}, {1, 1, 1}, {0, 1, 2}, {}, 0},
          ConvolutionSpec{{1, 1, 1, 1, 1}, 1, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {}, 0},
          ConvolutionSpec{{4, 1, 1, 1, 17}, 3, {1, 1, 1}, {1, 1, 1}, {}, {}, 0}})
      expect_like_reference(direct_convolutions(), make_convolution(spec, type.input, type.output));
}

/// Which rows of docs/machine-code.md the networks' layers of 5^3 and the classifier's run on.
TEST(DirectConvolution, ChoosesItsTilesByShape) {
  const auto tile = [](const Shape& input, std::int64_t outputs, const Form& form) {
    const auto tiling = direct_tiling(
        lower(make_convolution({input, outputs, form.kernel, form.stride, form.pad, {}, 0}, DType::f32, DType::f32)),
        28);
    return std::pair{tiling.k, tiling.shape};
  };
  const Form &five = forms[0], &one = forms[2], &plane = forms[4];
  EXPECT_EQ(tile({1, 160, 128, 160, 1}, 16, five), (std::pair{5, DirectShape::wide})) << "the first layer";
  EXPECT_EQ(tile({1, 80, 64, 80, 32}, 32, five), (std::pair{5, DirectShape::square}));
  EXPECT_EQ(tile({1, 20, 16, 20, 128}, 128, five), (std::pair{5, DirectShape::small_planes}));
  EXPECT_EQ(tile({1, 64, 64, 80, 32}, 2, five), (std::pair{5, DirectShape::few_outputs})) << "the mask head";
  EXPECT_EQ(tile({1, 40, 32, 48, 128}, 64, one), (std::pair{1, DirectShape::square}));
  EXPECT_EQ(tile({24, 1, 60, 60, 3}, 16, plane), (std::pair{3, DirectShape::wide})) << "the classifier's first";
}

TEST(DirectConvolution, SplitsWhatHasFewBlocks) {
  const auto splits = [](const Shape& input, std::int64_t outputs, std::int64_t k, int multiprocessors = 28) {
    const std::int64_t pad = k / 2;
    return direct_tiling(lower(make_convolution({input, outputs, {k, k, k}, {1, 1, 1}, {pad, pad, pad}, {}, 0},
                                                DType::f32, DType::f32)),
                         multiprocessors)
        .splits;
  };
  EXPECT_EQ(splits({1, 64, 128, 128, 32}, 32, 5), 1);
  EXPECT_EQ(splits({1, 4, 8, 8, 256}, 256, 5), 7) << "2 tiles of 4 planes in a cube, 8 of channels";
  EXPECT_EQ(splits({1, 4, 8, 8, 256}, 256, 5, 132), 16) << "33 would fill it, no more are made";
  EXPECT_EQ(splits({1, 4, 8, 8, 16}, 16, 1), 1) << "too little to add";
}

/// The bits of a voxel are the same in a slab and in another batch, also where sums are split.
TEST(DirectConvolution, GivesTheSameBitsInSlabsAndBatches) {
  for (const Types& type : types)
    for (const std::int64_t channels : {8, 64}) {
      const Convolution whole =
          make_convolution({{2, 5, 3, 4, channels}, 40, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{{40, Activation::elu}}}, 8},
                           type.input, type.output);
      EXPECT_EQ(direct_tiling(lower(whole), 28).splits > 1, channels == 64);
      expect_same_bits_in_parts(direct_convolutions(), whole);
    }
}

TEST(DirectConvolution, RefusesWhatItCannotDo) {
  const ConvolutionSpec spec{{1, 4, 4, 4, 16}, 8, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{{8}}}, 0};
  EXPECT_TRUE(direct_supports(lower(make_convolution(spec, DType::f32, DType::f32))));
  EXPECT_FALSE(direct_supports(lower(make_convolution(spec, DType::f32, DType::f16))));
  EXPECT_FALSE(direct_supports(lower(make_convolution(spec, DType::bf16, DType::bf16))));
  Convolution wide = make_convolution(spec, DType::f32, DType::f32);
  wide.input.pitch = std::int64_t{1} << 27;
  EXPECT_FALSE(direct_supports(lower(wide))) << "a plane of 2^31 elements";
}

TEST(DirectDeconvolution, AgreesWithTheReference) {
  Random random;
  for (std::size_t i = 0; i < 15; ++i) {
    ConvolutionSpec spec;
    spec.input = {random(1, 2), random(1, 5), random(1, 9), random(1, 17), random(1, 40)};
    spec.outputs = random(1, 40);
    spec.stages = random_stages(random, spec.outputs);
    spec.beside = random(0, 1) * spec.outputs;
    const Deconvolution operation = make_deconvolution(spec, i % 2 == 0 ? DType::f32 : DType::f16);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_like_reference(direct_deconvolutions(), operation);
  }
}

}  // namespace
}  // namespace pleura::test
