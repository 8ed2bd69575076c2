// Max-pooling against its naive twin: equal bit by bit.
#include <gmock/gmock.h>

#include <cmath>

#include "kernels/cuda/variants.hpp"
#include "kernels/random.hpp"
#include "run_on_device.hpp"

namespace pleura::test {
namespace {

void expect_pooled(const Pooling& operation, const OperationData& data) {
  check(operation);
  const std::vector<float> expected = run_operation(kernels::reference_backend().poolings[0], operation, data);
  const auto cuda = kernels::open_device("cuda", 1);
  for (const auto& variant : kernels::cuda::pooling_variants()) {
    ASSERT_TRUE(variant.supports(operation, *cuda.device));
    EXPECT_THAT(run_on_device(variant, operation, data), testing::Pointwise(testing::NanSensitiveFloatEq(), expected));
  }
}

TEST(CudaPooling, AgreesWithTheReference) {
  Random random;
  for (int i = 0; i < 40; ++i) {
    const DType type = i % 2 == 0 ? DType::f32 : DType::f16;
    const bool ceil = random(0, 1) == 1;
    const Extent3 window{random(1, 2), random(1, 3), random(1, 3)};
    Pooling operation;
    operation.window = window;
    const Shape in{random(1, 3), random(2, 5), random(3, 9), random(3, 9), random(1, 20)};
    const auto size = [&](std::int64_t input, std::size_t d) {
      return (input + (ceil ? window[d] - 1 : 0)) / window[d];
    };
    operation.input = random.desc(type, in, 5);
    operation.output = random.desc(type, {in.n, size(in.d, 0), size(in.h, 1), size(in.w, 2), in.c}, 5);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_pooled(operation, {random.values(in.elements(), 4), {}, {}, {}, {}});
  }
}

TEST(CudaPooling, PoolsTheClassifiersLastImage) {
  Random random;
  const Shape in{3, 1, 15, 15, 4};
  for (const DType type : {DType::f32, DType::f16}) {
    const Pooling operation{dense(type, in), dense(type, {3, 1, 8, 8, 4}), {1, 2, 2}};
    expect_pooled(operation, {random.values(in.elements()), {}, {}, {}, {}});
  }
}

TEST(CudaPooling, NanWins) {
  const Pooling operation{dense(DType::f32, {1, 1, 2, 2, 1}), dense(DType::f32, {1, 1, 1, 1, 1}), {1, 2, 2}};
  for (std::size_t at = 0; at < 4; ++at) {
    std::vector<float> values{-INFINITY, INFINITY, 1, 2};
    values[at] = NAN;
    expect_pooled(operation, {values, {}, {}, {}, {}});
  }
}

}  // namespace
}  // namespace pleura::test
