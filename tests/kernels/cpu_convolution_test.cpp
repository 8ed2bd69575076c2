// Every variant of the CPU backend against the reference: odd sizes, single voxels, pitches, slabs' uneven padding, all
// epilogues, both types; integers exactly, reals within the arithmetic's error; the same bits for any number of
// threads.
#include "cpu_problems.hpp"

namespace pleura::kernels::testing {
namespace {

using runtime::DType;
using runtime::Shape;
using runtime::TensorDesc;

constexpr unsigned seed = 20200;

std::int64_t pick(std::mt19937& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

template <class T>
T one_of(std::mt19937& random, std::initializer_list<T> values) {
  return *(values.begin() + pick(random, 0, static_cast<std::int64_t>(values.size()) - 1));
}

TensorDesc random_pitch(std::mt19937& random, DType dtype, const Shape& shape) {
  return {dtype, shape, shape.c + one_of<std::int64_t>(random, {0, 0, 1, 8, shape.c})};
}

Epilogue random_epilogue(std::mt19937& random, DType dtype, const Shape& output, bool integers) {
  Epilogue epilogue;
  for (EpilogueStage& stage : epilogue.stages) {
    stage.activation = one_of(
        random, {Activation::none, Activation::relu, Activation::prelu, integers ? Activation::relu : Activation::elu});
    Shape shape = output;
    if (pick(random, 0, 2) == 0) shape.c = 1;
    if (pick(random, 0, 1) == 0) stage.residual = random_pitch(random, dtype, shape);
  }
  return epilogue;
}

std::int64_t random_channels(std::mt19937& random) {
  return one_of<std::int64_t>(random, {1, 2, 3, 5, 8, 15, 16, 17, 24, 32, 40, 48, 64, 96});
}

Convolution random_convolution(std::mt19937& random, DType dtype, bool integers) {
  Convolution op;
  const std::int64_t k = one_of<std::int64_t>(random, {1, 1, 2, 3, 3, 5});
  Shape in{pick(random, 1, 2), pick(random, 1, 6), pick(random, 1, 7), pick(random, 1, 40), random_channels(random)};
  Shape out = in;
  out.c = random_channels(random);
  const std::array<std::int64_t Shape::*, 3> sides{&Shape::d, &Shape::h, &Shape::w};
  for (std::size_t i = 0; i < 3; ++i) {
    op.kernel[i] = i == 0 && in.d == 1 ? 1 : k;
    op.stride[i] = k == 2 ? 2 : one_of<std::int64_t>(random, {1, 1, 1, 2});
    op.pad_low[i] = k == 2 ? 0 : pick(random, 0, op.kernel[i] - 1);
    op.pad_high[i] = k == 2 ? 0 : pick(random, 0, op.kernel[i] - 1);
    std::int64_t& size = in.*sides[i];
    size = std::max(size, op.kernel[i]);
    out.*sides[i] = (size + op.pad_low[i] + op.pad_high[i] - op.kernel[i]) / op.stride[i] + 1;
  }
  op.input = random_pitch(random, dtype, in);
  op.output = random_pitch(random, pick(random, 0, 3) == 0 ? DType::f32 : dtype, out);
  op.epilogue = random_epilogue(random, dtype, out, integers);
  return op;
}

Deconvolution random_deconvolution(std::mt19937& random, DType dtype, bool integers) {
  Deconvolution op;
  const Shape in{pick(random, 1, 2), pick(random, 1, 4), pick(random, 1, 5), pick(random, 1, 20),
                 random_channels(random)};
  if (pick(random, 0, 3) == 0) op.stride = {1, 2, 3};
  const Shape out{in.n, in.d * op.stride[0], in.h * op.stride[1], in.w * op.stride[2], random_channels(random)};
  op.input = random_pitch(random, dtype, in);
  op.output = random_pitch(random, dtype, out);
  op.epilogue = random_epilogue(random, dtype, out, integers);
  return op;
}

std::int64_t taps(const Convolution& op) { return op.kernel[0] * op.kernel[1] * op.kernel[2]; }
std::int64_t taps(const Deconvolution& op) { return op.stride[0] * op.stride[1] * op.stride[2]; }

template <class Operation>
void compare(const Operation& op, const std::vector<Variant<Operation, WeightedStep>>& variants, bool integers,
             std::mt19937& random) {
  const Problem<Operation> problem(op, taps(op), integers, random);
  const auto& reference = variants.back();
  const GuardedTensor expected = problem.run(reference, 2);
  const double tolerance = integers ? 0 : op.output.dtype == DType::bf16 ? 1e-3 : 2e-6;
  for (const auto& variant : variants) {
    if (!variant.supports(op, test::host())) continue;
    SCOPED_TRACE(std::string(variant.name) + " " + to_string(op));
    const GuardedTensor actual = problem.run(variant, 1);
    const double error = relative_error(actual, expected, op.output.shape);
    EXPECT_TRUE(std::isfinite(error) && error <= tolerance) << error << " > " << tolerance;
    EXPECT_TRUE(actual.same_bytes(problem.run(variant, 3))) << "bits depend on the number of threads";
  }
}

template <class V>
std::vector<V> all(std::span<const V> variants) {
  return {variants.begin(), variants.end()};
}

class CpuKernels : public ::testing::TestWithParam<DType> {
 protected:
  std::mt19937 random{seed};
};

TEST_P(CpuKernels, ConvolutionsOfIntegersAreExact) {
  for (int i = 0; i < 24; ++i)
    compare(random_convolution(random, GetParam(), true), all(cpu_backend().convolutions), true, random);
}

TEST_P(CpuKernels, ConvolutionsOfReals) {
  for (int i = 0; i < 24; ++i)
    compare(random_convolution(random, GetParam(), false), all(cpu_backend().convolutions), false, random);
}

TEST_P(CpuKernels, DeconvolutionsOfIntegersAreExact) {
  for (int i = 0; i < 16; ++i)
    compare(random_deconvolution(random, GetParam(), true), all(cpu_backend().deconvolutions), true, random);
}

TEST_P(CpuKernels, DeconvolutionsOfReals) {
  for (int i = 0; i < 16; ++i)
    compare(random_deconvolution(random, GetParam(), false), all(cpu_backend().deconvolutions), false, random);
}

INSTANTIATE_TEST_SUITE_P(Types, CpuKernels, ::testing::Values(DType::f32, DType::bf16),
                         [](const auto& type) { return std::string(runtime::name_of(type.param)); });

}  // namespace
}  // namespace pleura::kernels::testing
