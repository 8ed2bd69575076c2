// The reference kernels on cases worked by hand, the checks of operations, and the test tools themselves.
#include <gtest/gtest.h>

#include <limits>

#include "errors.hpp"
#include "pleura/error.hpp"
#include "problems.hpp"

namespace pleura::test {
namespace {

const auto& convolution = kernels::reference_backend().convolutions[0];
const auto& deconvolution = kernels::reference_backend().deconvolutions[0];
const auto& pooling = kernels::reference_backend().poolings[0];

TEST(ReferenceConvolution, PadsWithZeros) {
  // One row 1 2 3, kernel 10 1 100 at padding 1.
  const Convolution op =
      make_convolution({{1, 1, 1, 3, 1}, 1, {1, 1, 3}, {1, 1, 1}, {0, 0, 1}, {}, 0}, DType::f32, DType::f32);
  EXPECT_EQ(run_operation(convolution, op, {{1, 2, 3}, {10, 1, 100}, {0.5f}, {}, {}}),
            (std::vector<float>{201.5f, 312.5f, 23.5f}));
}

TEST(ReferenceConvolution, StridesAndMixesChannels) {
  // Two channels (1, 2), (3, 4), (5, 6), (7, 8); kernel of two voxels, weights OIDHW.
  const Convolution op =
      make_convolution({{1, 1, 1, 4, 2}, 1, {1, 1, 2}, {1, 1, 2}, {}, {}, 0}, DType::f32, DType::f32);
  EXPECT_EQ(run_operation(convolution, op, {{1, 2, 3, 4, 5, 6, 7, 8}, {1, 10, 100, 1000}, {0}, {}, {}}),
            (std::vector<float>{1 + 30 + 200 + 4000, 5 + 70 + 600 + 8000}));
}

TEST(ReferenceConvolution, AppliesItsEpilogueInOrder) {
  // v = prelu(x + bias + r0), then relu(v + r1), the second residual broadcast.
  ConvolutionSpec spec{{1, 1, 1, 2, 1}, 2, {1, 1, 1}, {1, 1, 1}, {}, {}, 0};
  spec.stages = {{{2, Activation::prelu}, {1, Activation::relu}}};
  const Convolution op = make_convolution(spec, DType::f32, DType::f32);
  OperationData data{{1, -4}, {1, 2}, {0, 1}, {}, {}};
  data.slopes[0] = {0.5f, 0.25f};
  data.residuals = {std::vector<float>{1, -5, 0, 3}, std::vector<float>{10, 1}};
  // voxel 0: (1 + 1, 2 + 1 - 5) = (2, -2) -> (2, -0.5) -> (12, 9.5); voxel 1: (-4, -8 + 1 + 3) = (-4, -4) -> (-2, -1)
  // -> (0, 0)
  EXPECT_EQ(run_operation(convolution, op, data), (std::vector<float>{12, 9.5f, 0, 0}));
}

TEST(ReferenceConvolution, RoundsWeightsAndOutputToBf16) {
  const Convolution op =
      make_convolution({{1, 1, 1, 1, 1}, 1, {1, 1, 1}, {1, 1, 1}, {}, {}, 0}, DType::bf16, DType::f32);
  // 1 + 2^-9 is halfway below bf16's next value, 1 + 2^-7, and rounds to 1.
  EXPECT_EQ(run_operation(convolution, op, {{3}, {1 + 0x1p-9f}, {0}, {}, {}}), std::vector<float>{3});
}

TEST(ReferenceConvolution, CarriesNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Activation activation : {Activation::none, Activation::relu, Activation::elu}) {
    ConvolutionSpec spec{{1, 1, 1, 1, 1}, 1, {1, 1, 1}, {1, 1, 1}, {}, {}, 0};
    spec.stages[0].activation = activation;
    const auto out =
        run_operation(convolution, make_convolution(spec, DType::f32, DType::f32), {{nan}, {1}, {0}, {}, {}});
    EXPECT_TRUE(std::isnan(out[0]));
  }
}

TEST(ReferenceDeconvolution, WritesEachOutputOnce) {
  // One voxel, one channel: the output is the kernel times the voxel.
  const Deconvolution op = make_deconvolution({{1, 1, 1, 1, 1}, 1, {}, {}, {}, {}, 0}, DType::f32);
  EXPECT_EQ(run_operation(deconvolution, op, {{2}, {1, 2, 3, 4, 5, 6, 7, 8}, {1}, {}, {}}),
            (std::vector<float>{3, 5, 7, 9, 11, 13, 15, 17}));
}

TEST(ReferencePooling, KeepsTheRestInCeilMode) {
  const Pooling op{runtime::dense(DType::f32, {1, 1, 3, 3, 1}), runtime::dense(DType::f32, {1, 1, 2, 2, 1}), {1, 2, 2}};
  EXPECT_EQ(run_operation(pooling, op, {{1, 2, -3, 4, 5, -6, -7, -8, -9}, {}, {}, {}, {}}),
            (std::vector<float>{5, -3, -7, -9}));
}

TEST(Operations, RefuseWhatDoesNotFit) {
  const ConvolutionSpec spec{{1, 2, 3, 4, 8}, 4, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{{4, Activation::prelu}}}, 0};
  const Convolution good = make_convolution(spec, DType::f32, DType::f32);
  EXPECT_NO_THROW(check(good));
  const auto refused = [&](const auto& change) {
    Convolution bad = good;
    change(bad);
    EXPECT_THROW(check(bad), Error) << to_string(bad);
  };
  refused([](Convolution& c) { c.output.shape.w = 5; });
  refused([](Convolution& c) { c.output.shape.n = 2; });
  refused([](Convolution& c) { c.output.pitch = 3; });
  refused([](Convolution& c) { c.input.shape.c = 0; });
  refused([](Convolution& c) { c.pad_low[0] = -1; });
  refused([](Convolution& c) { c.stride[1] = 0; });
  refused([](Convolution& c) { c.epilogue.stages[0].residual->shape.c = 2; });

  const OperationData data = make_data(good, false);
  const kernels::ConvolutionWeights weights{data.kernel, data.bias, {data.slopes[0], data.slopes[1]}};
  EXPECT_NO_THROW(check(good, weights));
  kernels::ConvolutionWeights missing = weights;
  missing.slopes[0] = {};
  EXPECT_THROW(check(good, missing), Error);
  missing = weights;
  missing.kernel = missing.kernel.first(3);
  EXPECT_THROW(check(good, missing), Error);

  Deconvolution up = make_deconvolution(spec, DType::f32);
  EXPECT_NO_THROW(check(up));
  up.output.shape.h += 1;
  EXPECT_THROW(check(up), Error);

  Pooling pool{runtime::dense(DType::f32, {1, 1, 5, 5, 2}), runtime::dense(DType::f32, {1, 1, 3, 2, 2}), {1, 2, 2}};
  EXPECT_NO_THROW(check(pool));
  pool.output.shape.c = 3;
  EXPECT_THROW(check(pool), Error);
}

TEST(Operations, HaveNamesAndCosts) {
  const ConvolutionSpec spec{{1, 2, 3, 4, 8}, 4, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{{4, Activation::prelu}}}, 2};
  const Convolution op = make_convolution(spec, DType::bf16, DType::f32);
  EXPECT_EQ(to_string(op), "conv bf16:1x2x3x4x8/10 -> f32:1x2x3x4x4/6 k3x3x3 s1x1x1 p1x1x1+1x1x1 +res4/4 prelu");
  EXPECT_EQ(macs(op), 2 * 3 * 4 * 4 * 8 * 27);
  const Deconvolution up =
      make_deconvolution({{1, 2, 3, 4, 8}, 4, {}, {}, {}, {{{0, Activation::elu}}}, 0}, DType::f32);
  EXPECT_EQ(to_string(up), "deconv f32:1x2x3x4x8 -> f32:1x4x6x8x4 s2x2x2 elu");
  EXPECT_EQ(macs(up), 4 * 6 * 8 * 4 * 8);
}

TEST(Errors, AcceptOnlyWhatIsWithin) {
  const Shape shape{1, 1, 1, 4, 1};
  const std::vector<float> reference{1, 2, 3, 4}, close{1, 2, 3.5f, 4};
  std::vector<float> broken = reference;
  EXPECT_TRUE(errors_of<float>(reference, reference, shape).within({0, 0, 0}));
  const Errors errors = errors_of<float>(close, reference, shape);
  EXPECT_DOUBLE_EQ(errors.max, 0.125);
  EXPECT_DOUBLE_EQ(errors.border, 0);
  EXPECT_TRUE(errors.within({0.1, 0.125, 0}));
  EXPECT_FALSE(errors.within({0.1, 0.124, 0}));
  broken[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(errors_of<float>(broken, reference, shape).within({1e9, 1e9, 1e9}));
  EXPECT_FALSE((Errors{std::nan(""), 0, 0}).within({1, 1, 1}));
}

TEST(Guarded, SeesWritesBesideTheTensor) {
  Guarded tensor({DType::f32, {1, 1, 1, 2, 1}, 2});
  EXPECT_TRUE(std::isnan(tensor.values()[0])) << "outputs are poisoned";
  EXPECT_TRUE(tensor.surroundings_intact());
  tensor.data()[5] = std::byte{0};  // channel 1, which is another tensor's
  EXPECT_FALSE(tensor.surroundings_intact());
}

}  // namespace
}  // namespace pleura::test
