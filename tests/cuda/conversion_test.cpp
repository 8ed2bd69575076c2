#include "kernels/cuda/network/conversion.hpp"

#include <gmock/gmock.h>

#include "device_tensor.hpp"
#include "kernels/random.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

using kernels::Conversion;
using runtime::DType;
using runtime::Shape;

/// Equal to the naive twin, bit by bit; NaN is written as NaN.
template <class In, class Out>
void expect_converted(const Conversion& operation, const std::vector<float>& values) {
  check(operation);
  const runtime::cuda::Stream stream;
  DeviceInput input(operation.input, values);
  DeviceOutput output(operation.output);
  kernels::cuda::convert(input.template data<In>(), output.template data<Out>(), operation, stream.get());
  Guarded expected(operation.output);
  kernels::reference::convert(input.host(), expected.data(), operation);
  EXPECT_THAT(output.download().values(), testing::Pointwise(testing::NanSensitiveFloatEq(), expected.values()));
  EXPECT_TRUE(output.download().surroundings_intact()) << "wrote beside its output";
  EXPECT_TRUE(input.unchanged());
}

void expect_converted(const Conversion& operation, const std::vector<float>& values) {
  if (operation.input.dtype == DType::f16)
    expect_converted<__half, float>(operation, values);
  else if (operation.output.dtype == DType::f16)
    expect_converted<float, __half>(operation, values);
  else
    expect_converted<float, float>(operation, values);
}

TEST(CudaConversion, AgreesWithTheReference) {
  Random random;
  constexpr std::array<std::pair<DType, DType>, 3> types{
      {{DType::f32, DType::f32}, {DType::f32, DType::f16}, {DType::f16, DType::f32}}};
  for (int i = 0; i < 30; ++i) {
    const Shape shape{random(1, 3), random(1, 5), random(1, 9), random(1, 9), random(1, 40)};
    const auto [from, to] = types[static_cast<std::size_t>(i) % types.size()];
    const Conversion operation{random.desc(from, shape, 9), random.desc(to, shape, 9)};
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_converted(operation, random.values(shape.elements(), 4));
  }
}

TEST(CudaConversion, RoundsToNearestEvenAndKeepsWhatIsNotFinite) {
  const std::vector<float> values{0.0f,      -0.0f,    1 + 0x1p-11f, 1 + 0x3p-11f, 65519.0f, 65520.0f,
                                  -1e30f,    0x1p-24f, 0x1.8p-25f,   0x1p-25f,     0x1p-26f, INFINITY,
                                  -INFINITY, NAN,      1e-40f,       2049.0f};
  const Shape shape{1, 1, 1, 4, 4};
  expect_converted({dense(DType::f32, shape), dense(DType::f16, shape)}, values);
}

TEST(CudaConversion, DoesOneVoxel) {
  expect_converted({dense(DType::f32, {1, 1, 1, 1, 1}), dense(DType::f16, {1, 1, 1, 1, 1})}, {3.0f});
}

TEST(CudaConversion, RefusesUnequalShapes) {
  EXPECT_THROW(check(Conversion{dense(DType::f32, {1, 2, 2, 2, 3}), dense(DType::f16, {1, 2, 2, 2, 4})}), Error);
}

}  // namespace
}  // namespace pleura::test
