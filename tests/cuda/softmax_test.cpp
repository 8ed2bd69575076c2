#include "kernels/cuda/network/softmax.hpp"

#include "device_tensor.hpp"
#include "errors.hpp"
#include "kernels/random.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

using kernels::Softmax;
using runtime::DType;
using runtime::Shape;

std::vector<float> run(const Softmax& operation, const std::vector<float>& values) {
  check(operation);
  const runtime::cuda::Stream stream;
  DeviceInput input(operation.input, values);
  DeviceOutput output(operation.output);
  if (operation.input.dtype == DType::f16)
    kernels::cuda::softmax(input.data<__half>(), output.data<float>(), operation, stream.get());
  else
    kernels::cuda::softmax(input.data<float>(), output.data<float>(), operation, stream.get());
  EXPECT_TRUE(output.download().surroundings_intact()) << "wrote beside its output";
  EXPECT_TRUE(input.unchanged());
  return output.download().values();
}

std::vector<float> expected(const Softmax& operation, const std::vector<float>& values) {
  Guarded input(operation.input, values), output(operation.output);
  kernels::reference::softmax(input.data(), reinterpret_cast<float*>(output.data()), operation);
  return output.values();
}

TEST(CudaSoftmax, AgreesWithTheReference) {
  Random random;
  for (int i = 0; i < 20; ++i) {
    const Shape shape{random(1, 3), random(1, 4), random(1, 9), random(1, 9), random(1, 5)};
    const Softmax operation{random.desc(i % 2 == 0 ? DType::f32 : DType::f16, shape, 4),
                            random.desc(DType::f32, shape, 4)};
    SCOPED_TRACE(random.trace(to_string(operation)));
    const std::vector<float> values = random.values(shape.elements(), 8);
    const Errors errors = errors_of<float>(run(operation, values), expected(operation, values), shape);
    EXPECT_TRUE(errors.within({1e-6, 2e-6, 1e-6})) << errors;
  }
}

TEST(CudaSoftmax, KeepsLargeLogitsFinite) {
  const Softmax operation{dense(DType::f32, {1, 1, 1, 2, 3}), dense(DType::f32, {1, 1, 1, 2, 3})};
  EXPECT_EQ(run(operation, {1e30f, 0, -1e30f, -200, -200, -200}),
            (std::vector<float>{1, 0, 0, 1.0f / 3, 1.0f / 3, 1.0f / 3}));
}

TEST(CudaSoftmax, RefusesUnequalShapes) {
  const runtime::TensorDesc three = dense(DType::f32, {1, 1, 1, 2, 3}), two = dense(DType::f32, {1, 1, 1, 2, 2});
  EXPECT_THROW(check(Softmax{three, two}), Error);
  EXPECT_THROW(check(Softmax{three, dense(DType::f16, three.shape)}), Error) << "probabilities are f32";
}

}  // namespace
}  // namespace pleura::test
