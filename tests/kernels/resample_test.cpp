// Blur and resampling against their naive twins, and on cases worked by hand.
#include "kernels/resample.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kernels/gaussian_blur.hpp"
#include "voxels.hpp"

namespace pleura::kernels {
namespace {

TEST(GaussianBlur, WeightsAddUpToOne) {
  for (const double sigma : {0.05, 0.2, 0.5, 0.89, 1.07, 1.5, 3.0, 10.0}) {
    const BlurWeights weights = gaussian_weights(sigma);
    EXPECT_EQ(static_cast<int>(weights.size()), static_cast<int>(3 * sigma + 0.5) + 1);
    EXPECT_EQ(weights[0] + 2 * std::accumulate(weights.begin() + 1, weights.end(), 0), 1 << 14);
    for (std::size_t k = 1; k < weights.size(); ++k) EXPECT_LE(weights[k], weights[k - 1]);
  }
}

TEST(GaussianBlur, IsTheNaiveOne) {
  for (const Index3& shape : test::voxel_shapes())
    for (const double sigma : {0.1, 0.6, 1.1, 4.0}) {
      const GaussianBlur blur{gaussian_weights(sigma), gaussian_weights(sigma * 0.8), -1024, 1023};
      const auto hu = test::random_hu(shape[1] * shape[2], 11);
      std::vector<std::int16_t> fast(hu.size()), naive(hu.size());
      blur_slice(blur, hu.data(), shape[1], shape[2], fast.data());
      reference::blur_slice(blur, hu.data(), shape[1], shape[2], naive.data());
      EXPECT_EQ(fast, naive) << shape[1] << "x" << shape[2] << " sigma " << sigma;
    }
}

TEST(GaussianBlur, KeepsAConstantAndClampsPaddingAndMetal) {
  const GaussianBlur blur{gaussian_weights(1), gaussian_weights(1)};
  std::vector<std::int16_t> hu(35, -873), out(35);
  blur_slice(blur, hu.data(), 5, 7, out.data());
  EXPECT_EQ(out, hu);
  hu.assign(35, -3024);
  blur_slice(blur, hu.data(), 5, 7, out.data());
  EXPECT_EQ(out, std::vector<std::int16_t>(35, -1024));
  hu.assign(35, 3071);
  blur_slice(blur, hu.data(), 5, 7, out.data());
  EXPECT_EQ(out, std::vector<std::int16_t>(35, 1023));
}

/// Single precision may tip a sum that lies halfway between two whole HU, never more.
void expect_close(const std::vector<std::int16_t>& ours, const std::vector<std::int16_t>& naive) {
  ASSERT_EQ(ours.size(), naive.size());
  std::size_t differing = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_LE(std::abs(ours[i] - naive[i]), 1) << i;
    differing += ours[i] != naive[i] ? 1 : 0;
  }
  EXPECT_LE(differing, ours.size() / 100 + 1);
}

TEST(Resample, IsTheNaiveOneAndTheSameOnAnyThreads) {
  for (const Index3& shape : test::voxel_shapes()) {
    const auto hu = test::random_hu(shape[0] * shape[1] * shape[2], 5);
    for (const Resample& how : {Resample{{{{0, 1, shape[0]}, {0, 1, shape[1]}, {0, 1, shape[2]}}}, -1024},
                                Resample{{{{-30, 237, 4, 100}, {70, 51, 9, 100}, {-220, 301, 8, 100}}}, -1024},
                                Resample{{{{-30, 4, 9, 10}, {-50, 77, 3, 10}, {100, 1, 4}}}, -2000}}) {
      const auto once = resample(hu.data(), shape, how, 1);
      expect_close(once, reference::resample_in_double(hu.data(), shape, how));
      EXPECT_EQ(once, reference::resample(hu.data(), shape, how));
      EXPECT_EQ(resample(hu.data(), shape, how, 3), once);
    }
  }
}

TEST(Resample, OntoTheSameGridIsTheSame) {
  const auto hu = test::random_hu(4 * 5 * 6, 2);
  EXPECT_EQ(resample(hu.data(), {4, 5, 6}, {{{{0, 1, 4}, {0, 1, 5}, {0, 1, 6}}}, 0}, 2), hu);
}

TEST(Resample, RoundsHalfAwayFromZero) {
  const std::vector<std::int16_t> hu{-3, -2, 1, 2};
  EXPECT_EQ(resample(hu.data(), {1, 1, 4}, {{{{0, 1, 1}, {0, 1, 1}, {1, 4, 2, 2}}}, 0}, 1),
            (std::vector<std::int16_t>{-2, 1}))
      << "tent of half-width 2 at 0.5: (0.75 * -3 + 0.75 * -2 + 0.25 * 1) / 1.75 = -2; at 2.5: (-0.5 + 0.75 + 1.5) / "
         "1.75 = 1";
  EXPECT_EQ(resample(hu.data(), {1, 1, 4}, {{{{0, 1, 1}, {0, 1, 1}, {1, 2, 3, 2}}}, 0}, 1),
            (std::vector<std::int16_t>{-3, -1, 2}));
}

TEST(Resample, ReadsOutsideBeyondTheOuterFaces) {
  const std::vector<std::int16_t> hu{10, 20};
  EXPECT_EQ(resample(hu.data(), {1, 1, 2}, {{{{0, 1, 1}, {0, 1, 1}, {-3, 1, 10, 4}}}, -1024}, 1),
            (std::vector<std::int16_t>{-1024, 10, 10, 10, 13, 15, 18, 20, 20, 20}));
}

}  // namespace
}  // namespace pleura::kernels
