// What a network is given: what the CPU's instrument gives it, bit for bit.
#include "kernels/window.hpp"

#include <gtest/gtest.h>

#include "device_array.hpp"
#include "instruments.hpp"
#include "pleura/error.hpp"
#include "runtime/float16.hpp"

namespace pleura::test {
namespace {

using kernels::Instrument;
using runtime::DType;

/// What fill(instrument, tensor) puts into a tensor of both devices, which lies among channels of others.
template <class Element, class Fill>
void expect_like_the_cpu(const runtime::Shape& shape, DType type, const Fill& fill) {
  Instruments on;
  const runtime::TensorDesc desc{type, shape, shape.c + 2};
  const auto count = static_cast<std::size_t>(shape.voxels() * desc.pitch);
  std::vector<Element> expected(count);
  const DeviceArray<Element> tensor(expected);
  fill(on.cpu(), runtime::TensorView{desc, expected.data()});
  fill(on.cuda(), runtime::TensorView{desc, tensor.data()});
  EXPECT_EQ(tensor.download(), expected);
}

template <class Fill>
void expect_like_the_cpu(const runtime::Shape& shape, const Fill& fill) {
  expect_like_the_cpu<float>(shape, DType::f32, fill);
  expect_like_the_cpu<std::uint16_t>(shape, DType::f16, fill);
}

TEST(CudaWindow, OfAVolumeIsTheCpus) {
  Random random;
  const Index3 shape{3, 7, 53};
  for (const kernels::Window& window : {kernels::Window{-1200, 600}, {-1000.5, 233.7}, {-160, 240}, {0, 1}}) {
    const auto hu = random_hu(voxels(shape), static_cast<std::uint32_t>(random(0, 1 << 30)));
    expect_like_the_cpu({1, 3, 7, 53, 1}, [&](Instrument& one, const runtime::TensorView& out) {
      one.window(one.take(hu, shape), window, out);
    });
  }
}

TEST(CudaWindow, OfImagesIsTheCpus) {
  Random random;
  const Index3 shape{4 * kernels::patch_slices, 9, 9};
  for (const bool neighbours : {false, true})
    for (const std::int64_t first : {0, 5, 11, 12}) {
      const auto hu = random_hu(voxels(shape), static_cast<std::uint32_t>(random(0, 1 << 30)));
      const kernels::ImageChannels how{{{{-1200, 600}, {-1000, -300}, {-160, 240}}}, neighbours};
      expect_like_the_cpu({5, 1, 9, 9, 3}, [&](Instrument& one, const runtime::TensorView& out) {
        one.window(one.take(hu, shape), first, how, out);
      });
    }
}

TEST(CudaWindow, RefusesATensorOfAnotherType) {
  Instruments on;
  const std::vector<std::int16_t> hu(8);
  const runtime::TensorView out{runtime::dense(DType::bf16, {1, 2, 2, 2, 1}), nullptr};
  EXPECT_THROW(on.cuda().window(on.cuda().take(hu, {2, 2, 2}), kernels::Window{0, 1}, out), Error);
}

}  // namespace
}  // namespace pleura::test
