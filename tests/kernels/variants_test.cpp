// Every variant of the CPU backend against the reference, on every kind of layer that the networks hold.
#include <gtest/gtest.h>

#include "errors.hpp"
#include "problems.hpp"

namespace pleura::test {
namespace {

constexpr StageSpec none{}, relu{0, Activation::relu}, prelu{0, Activation::prelu};

StageSpec added(std::int64_t channels, Activation activation) { return {channels, activation}; }

const std::vector<ConvolutionSpec> convolutions{
    // input n, d, h, w, c; outputs; kernel; stride; padding; epilogue; channels beside
    {{1, 5, 7, 9, 1}, 16, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{added(1, Activation::prelu)}}, 0},
    {{1, 4, 18, 35, 1}, 16, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{added(1, Activation::relu)}}, 0},
    {{1, 6, 5, 7, 1}, 4, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{added(1, Activation::prelu)}}, 0},
    {{1, 4, 6, 8, 16}, 32, {2, 2, 2}, {2, 2, 2}, {}, {{prelu}}, 0},
    {{1, 4, 10, 34, 16}, 32, {2, 2, 2}, {2, 2, 2}, {}, {{prelu}}, 16},
    {{1, 4, 4, 4, 128}, 256, {2, 2, 2}, {2, 2, 2}, {}, {{prelu}}, 0},
    {{1, 3, 5, 7, 16}, 16, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{prelu}}, 0},
    {{1, 3, 5, 33, 32}, 32, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{added(32, Activation::prelu)}}, 0},
    {{1, 4, 5, 9, 64}, 64, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{none, added(64, Activation::relu)}}, 0},
    {{1, 3, 3, 5, 128}, 128, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{prelu}}, 0},
    {{1, 2, 2, 3, 256},
     256,
     {5, 5, 5},
     {1, 1, 1},
     {2, 2, 2},
     {{added(256, Activation::relu), added(256, Activation::prelu)}},
     0},
    {{1, 3, 4, 6, 32}, 2, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{prelu}}, 0},
    {{1, 3, 5, 6, 8}, 2, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{relu}}, 0},
    {{1, 3, 5, 6, 8}, 8, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{added(8, Activation::prelu)}}, 0},
    {{1, 3, 5, 6, 12}, 12, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{relu}}, 12},
    {{1, 2, 3, 4, 20}, 20, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{prelu}}, 0},
    {{1, 1, 1, 1, 24}, 24, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}, {{prelu}}, 0},
    {{1, 4, 6, 8, 4}, 8, {2, 2, 2}, {2, 2, 2}, {}, {{prelu}}, 4},
    {{1, 4, 4, 6, 12}, 20, {2, 2, 2}, {2, 2, 2}, {}, {{prelu}}, 0},
    {{1, 5, 6, 7, 8}, 8, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{prelu}}, 32},
    {{1, 4, 5, 19, 16}, 16, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{prelu}}, 64},
    {{1, 3, 5, 6, 64}, 64, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{prelu}}, 256},
    {{1, 3, 5, 7, 32}, 24, {1, 1, 1}, {1, 1, 1}, {}, {{prelu}}, 16},
    {{1, 3, 5, 7, 24},
     32,
     {1, 1, 1},
     {1, 1, 1},
     {},
     {{added(32, Activation::prelu), added(32, Activation::prelu)}},
     16},
    {{1, 5, 6, 7, 128}, 64, {1, 1, 1}, {1, 1, 1}, {}, {{prelu}}, 0},
    {{1, 5, 6, 7, 64}, 15, {1, 1, 1}, {1, 1, 1}, {}, {{none}}, 0},
    {{1, 3, 5, 7, 2}, 2, {1, 1, 1}, {1, 1, 1}, {}, {{none}}, 0},
    {{1, 2, 3, 5, 12}, 20, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{none, added(20, Activation::prelu)}}, 3},
    {{3, 1, 9, 11, 3}, 16, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {{relu}}, 0},
    {{2, 1, 7, 30, 16}, 16, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {{added(16, Activation::relu)}}, 0},
    {{2, 1, 15, 15, 16}, 4, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {{relu}}, 0},
    {{5, 1, 8, 8, 4}, 16, {1, 8, 8}, {1, 1, 1}, {}, {{relu}}, 1},
    {{5, 1, 1, 1, 17}, 8, {1, 1, 1}, {1, 1, 1}, {}, {{relu}}, 0},
    {{5, 1, 1, 1, 8}, 3, {1, 1, 1}, {1, 1, 1}, {}, {{none}}, 0},
};

const std::vector<ConvolutionSpec> deconvolutions{
    {{1, 2, 3, 5, 32}, 16, {}, {}, {}, {{prelu}}, 16},    {{1, 3, 4, 17, 64}, 16, {}, {}, {}, {{prelu}}, 16},
    {{1, 1, 2, 2, 256}, 128, {}, {}, {}, {{prelu}}, 128}, {{1, 2, 2, 3, 12}, 6, {}, {}, {}, {{relu}}, 6},
    {{1, 2, 3, 4, 8}, 8, {}, {}, {}, {{none}}, 0},
};

const std::vector<Pooling> poolings{
    {runtime::dense(DType::f32, {2, 1, 8, 10, 16}), runtime::dense(DType::f32, {2, 1, 4, 5, 16}), {1, 2, 2}},
    {runtime::dense(DType::f32, {2, 1, 15, 15, 4}), runtime::dense(DType::f32, {2, 1, 8, 8, 4}), {1, 2, 2}},
    {runtime::dense(DType::f32, {1, 1, 15, 13, 5}), runtime::dense(DType::f32, {1, 1, 7, 6, 5}), {1, 2, 2}},
};

struct Case {
  DType type = DType::f32;
  std::size_t index = 0;
};

void PrintTo(const Case& c, std::ostream* out) { *out << name_of(c.type) << ", problem " << c.index; }

/// Both precisions of those problems of a table for which `wanted` holds.
template <class Problem, class Wanted>
std::vector<Case> cases(const std::vector<Problem>& problems, const Wanted& wanted) {
  std::vector<Case> all;
  for (const DType type : {DType::f32, DType::bf16})
    for (std::size_t i = 0; i < problems.size(); ++i)
      if (wanted(problems[i].input)) all.push_back({type, i});
  return all;
}

template <class Input>
bool any(const Input& /*input*/) {
  return true;
}
bool volume(const Shape& input) { return input.d > 1; }
bool batch(const Shape& input) { return input.n > 1; }

/// The reference is held apart, in layers/.
template <class Variant, class Operation>
bool tested(const Variant& variant, const Operation& operation) {
  return std::string_view(variant.name) != "reference" && variant.supports(operation, host());
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return std::string(name_of(info.param.type)) + "_" + std::to_string(info.param.index);
}

/// The bound of one rounding of the output and of sums in fp32; the reference rounds its output too.
Errors bound(DType type) {
  if (type == DType::bf16) return {4e-3, 8e-3, 4e-3};
  return {2e-6, 4e-6, 2e-6};
}

template <class Operation, class Step>
void expect_like_reference(std::span<const kernels::Variant<Operation, Step>> variants,
                           const kernels::Variant<Operation, Step>& reference, const Operation& operation) {
  const OperationData whole = make_data(operation, true), real = make_data(operation, false);
  const std::vector<float> exact = run_operation(reference, operation, whole);
  const std::vector<float> close = run_operation(reference, operation, real);
  for (const auto& variant : variants) {
    if (!tested(variant, operation)) continue;
    SCOPED_TRACE(std::string(variant.name) + ": " + to_string(operation));
    EXPECT_EQ(run_operation(variant, operation, whole), exact) << "whole numbers must match exactly";
    const std::vector<float> found = run_operation(variant, operation, real);
    const Errors errors = errors_of<float>(found, close, operation.output.shape);
    EXPECT_TRUE(errors.within(bound(operation.output.dtype))) << errors;
    for (const int threads : {1, 3}) EXPECT_EQ(run_operation(variant, operation, real, threads), found) << threads;
  }
}

class ConvolutionVariants : public testing::TestWithParam<Case> {};
class ConvolutionSlabs : public testing::TestWithParam<Case> {};
class ConvolutionBatches : public testing::TestWithParam<Case> {};

TEST_P(ConvolutionVariants, MatchReference) {
  const ConvolutionSpec& spec = convolutions[GetParam().index];
  const DType type = GetParam().type;
  const bool logits = spec.stages[0].activation == Activation::none;  // heads give fp32 at any precision
  expect_like_reference(kernels::cpu_backend().convolutions, kernels::reference_backend().convolutions[0],
                        make_convolution(spec, type, logits ? DType::f32 : type));
}

/// The bits of a voxel are the same in a slab of any depth as in the whole.
TEST_P(ConvolutionSlabs, GiveTheSameBits) {
  const ConvolutionSpec& spec = convolutions[GetParam().index];
  const DType type = GetParam().type;
  const Convolution whole = make_convolution(spec, type, type);
  const OperationData data = make_data(whole, false);
  for (const auto& variant : kernels::cpu_backend().convolutions) {
    if (!tested(variant, whole) || variant.whole_only) continue;
    const std::vector<float> expected = run_operation(variant, whole, data);
    const std::int64_t planes = whole.output.shape.d;
    for (std::int64_t begin = 0; begin < planes; ++begin)
      for (std::int64_t end = begin + 1; end <= planes; ++end) {
        const std::int64_t reach = begin * spec.stride[0] - spec.pad[0];
        const std::int64_t past = (end - 1) * spec.stride[0] - spec.pad[0] + spec.kernel[0];
        const std::int64_t first = std::max<std::int64_t>(0, reach), last = std::min(spec.input.d, past);
        Convolution part = whole;
        part.input.shape.d = last - first;
        part.output.shape.d = end - begin;
        part.pad_low[0] = first - reach;
        part.pad_high[0] = past - last;
        OperationData piece = data;
        const auto cut = [&](std::vector<float>& values, const Shape& shape, std::int64_t from, std::int64_t to) {
          const std::int64_t plane = shape.h * shape.w * shape.c;
          values = {values.begin() + from * plane, values.begin() + to * plane};
        };
        cut(piece.input, whole.input.shape, first, last);
        for (std::size_t i = 0; i < 2; ++i)
          if (auto& residual = part.epilogue.stages[i].residual) {
            cut(piece.residuals[i], residual->shape, begin, end);
            residual->shape.d = end - begin;
          }
        std::vector<float> slab = expected;
        cut(slab, whole.output.shape, begin, end);
        ASSERT_TRUE(variant.supports(part, host())) << variant.name << ": " << to_string(part);
        EXPECT_EQ(run_operation(variant, part, piece), slab) << variant.name << ": " << to_string(part);
      }
  }
}

/// An image's bits do not depend on the others of its batch.
TEST_P(ConvolutionBatches, GiveTheSameBits) {
  const DType type = GetParam().type;
  const Convolution all = make_convolution(convolutions[GetParam().index], type, type);
  const OperationData data = make_data(all, false);
  Convolution single = all;
  single.input.shape.n = single.output.shape.n = 1;
  for (auto& stage : single.epilogue.stages)
    if (stage.residual) stage.residual->shape.n = 1;
  for (const auto& variant : kernels::cpu_backend().convolutions) {
    if (!tested(variant, all) || !variant.supports(single, host())) continue;
    const std::vector<float> expected = run_operation(variant, all, data);
    for (std::int64_t n = 0; n < all.output.shape.n; ++n) {
      const auto cut = [n](const std::vector<float>& values, std::int64_t size) {
        return values.empty() ? values : std::vector<float>{values.begin() + n * size, values.begin() + (n + 1) * size};
      };
      OperationData one = data;
      one.input = cut(data.input, single.input.shape.elements());
      for (auto& residual : one.residuals) residual = cut(residual, single.output.shape.elements());
      EXPECT_EQ(run_operation(variant, single, one), cut(expected, single.output.shape.elements())) << variant.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ConvolutionVariants, testing::ValuesIn(cases(convolutions, any<Shape>)), case_name);
INSTANTIATE_TEST_SUITE_P(All, ConvolutionSlabs, testing::ValuesIn(cases(convolutions, volume)), case_name);
INSTANTIATE_TEST_SUITE_P(All, ConvolutionBatches, testing::ValuesIn(cases(convolutions, batch)), case_name);

class DeconvolutionVariants : public testing::TestWithParam<Case> {};
class DeconvolutionSlabs : public testing::TestWithParam<Case> {};

TEST_P(DeconvolutionVariants, MatchReference) {
  expect_like_reference(kernels::cpu_backend().deconvolutions, kernels::reference_backend().deconvolutions[0],
                        make_deconvolution(deconvolutions[GetParam().index], GetParam().type));
}

TEST_P(DeconvolutionSlabs, GiveTheSameBits) {
  const Deconvolution whole = make_deconvolution(deconvolutions[GetParam().index], GetParam().type);
  const OperationData data = make_data(whole, false);
  Deconvolution part = whole;
  part.input.shape.d = 1;
  part.output.shape.d = 2;
  for (const auto& variant : kernels::cpu_backend().deconvolutions) {
    if (!tested(variant, whole)) continue;
    const std::vector<float> expected = run_operation(variant, whole, data);
    for (std::int64_t z = 0; z < whole.input.shape.d; ++z) {
      const auto cut = [z](const std::vector<float>& values, const Shape& shape) {
        return std::vector<float>{values.begin() + z * shape.elements(), values.begin() + (z + 1) * shape.elements()};
      };
      OperationData piece = data;
      piece.input = cut(data.input, part.input.shape);
      EXPECT_EQ(run_operation(variant, part, piece), cut(expected, part.output.shape)) << variant.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, DeconvolutionVariants, testing::ValuesIn(cases(deconvolutions, any<Shape>)), case_name);
INSTANTIATE_TEST_SUITE_P(All, DeconvolutionSlabs, testing::ValuesIn(cases(deconvolutions, volume)), case_name);

class PoolingVariants : public testing::TestWithParam<Case> {};

TEST_P(PoolingVariants, MatchReferenceExactly) {
  Pooling operation = poolings[GetParam().index];
  operation.input.dtype = operation.output.dtype = GetParam().type;
  const OperationData data = make_data(operation, false);
  const std::vector<float> expected = run_operation(kernels::reference_backend().poolings[0], operation, data);
  for (const auto& variant : kernels::cpu_backend().poolings) {
    if (!tested(variant, operation)) continue;
    EXPECT_EQ(run_operation(variant, operation, data), expected) << variant.name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, PoolingVariants, testing::ValuesIn(cases(poolings, any<runtime::TensorDesc>)), case_name);

/// Whatever the planner may ask for is there.
TEST(CpuBackend, HasTheReferenceToFallBackTo) {
  const kernels::Backend& backend = kernels::cpu_backend();
  EXPECT_STREQ(backend.name, "cpu");
  const auto always = [](const auto& variants) {
    return std::ranges::any_of(variants, [](const auto& variant) { return std::string(variant.name) == "reference"; });
  };
  EXPECT_TRUE(always(backend.convolutions) && always(backend.deconvolutions) && always(backend.poolings));
}

}  // namespace
}  // namespace pleura::test
