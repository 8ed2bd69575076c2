// The voxel kernels against SciPy, scikit-image, PyTorch and Pillow (reference/voxels.txt, made by
// reference/make_voxels.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "kernels/components.hpp"
#include "kernels/convex_hull.hpp"
#include "kernels/distance_transform.hpp"
#include "kernels/fill_holes.hpp"
#include "kernels/gaussian_blur.hpp"
#include "kernels/morphology.hpp"
#include "kernels/resample.hpp"

namespace pleura::kernels {
namespace {

/// The generator of make_voxels.py.
std::vector<std::int64_t> numbers(std::uint32_t seed, std::int64_t count) {
  std::vector<std::int64_t> values(count);
  for (auto& value : values) {
    seed = seed * 1664525U + 1013904223U;
    value = seed >> 16;
  }
  return values;
}

std::vector<std::int16_t> make_hu(std::uint32_t seed, std::int64_t count) {
  std::vector<std::int16_t> hu;
  for (const std::int64_t value : numbers(seed, count)) hu.push_back(static_cast<std::int16_t>(value % 2000 - 1000));
  return hu;
}

BitVolume make_bits(std::uint32_t seed, const Index3& shape, std::int64_t percent) {
  BitVolume bits(shape);
  const auto values = numbers(seed, shape[0] * shape[1] * shape[2]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i), row = at / shape[2];
    bits.set(row / shape[1], row % shape[1], at % shape[2], values[i] % 100 < percent);
  }
  return bits;
}

class VoxelsReference : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream file(std::string(PLEURA_SOURCE_DIR) + "/tests/kernels/reference/voxels.txt");
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string name;
      std::size_t count = 0;
      words >> name >> count;
      std::vector<double> values(count);
      for (double& value : values) words >> value;
      ASSERT_TRUE(words) << name;
      theirs_[name] = std::move(values);
    }
  }

  static const std::vector<double>& theirs(const std::string& name) { return theirs_.at(name); }

  template <typename Value>
  static void expect_within(const std::vector<Value>& ours, const std::string& name, double tolerance) {
    ASSERT_EQ(ours.size(), theirs(name).size()) << name;
    for (std::size_t i = 0; i < ours.size(); ++i)
      EXPECT_LE(std::abs(static_cast<double>(ours[i]) - theirs(name)[i]), tolerance) << name << " " << i;
  }

  /// A slice against numpy's packbits of the whole of it.
  static void expect_bits(const BitVolume& ours, const std::string& name) {
    for (std::int64_t i = 0; i < ours.shape[1] * ours.shape[2]; ++i) {
      const auto byte = static_cast<unsigned>(theirs(name).at(i / 8));
      EXPECT_EQ(ours.get(0, i / ours.shape[2], i % ours.shape[2]), (byte >> (7 - i % 8) & 1) != 0) << name << " " << i;
    }
  }

 private:
  static inline std::map<std::string, std::vector<double>> theirs_;
};

TEST_F(VoxelsReference, BlurIsScipysWithinOneHu) {
  const auto hu = make_hu(1, 17 * 23);
  for (const auto& [name, sigma] :
       std::vector<std::pair<std::string, double>>{{"0.5", 0.5}, {"1.07", 1.07}, {"2.3", 2.3}}) {
    std::vector<std::int16_t> ours(hu.size());
    blur_slice({gaussian_weights(sigma), gaussian_weights(sigma)}, hu.data(), 17, 23, ours.data());
    expect_within(ours, "gaussian_" + name, 1);
  }
}

TEST_F(VoxelsReference, ComponentsAndHolesAreScipys) {
  for (const int percent : {35, 55, 70}) {
    const BitVolume bits = make_bits(2 + percent, {7, 13, 70}, percent);
    std::vector<std::int64_t> sizes;
    for (const Component& part : find_components(bits, Connectivity::in_volume, 2).list) sizes.push_back(part.voxels);
    std::sort(sizes.begin(), sizes.end());
    expect_within(sizes, "components_" + std::to_string(percent), 0);
    for (const auto& [connectivity, name] :
         {std::pair{Connectivity::in_volume, "filled_"}, std::pair{Connectivity::in_slice, "filled_in_slices_"}}) {
      BitVolume filled = bits;
      fill_holes(filled, connectivity, 1 << 20, 2);
      std::vector<std::int64_t> ones;
      for (std::int64_t z = 0; z < 7; ++z) {
        ones.push_back(0);
        for (std::int64_t y = 0; y < 13; ++y) ones.back() += count_bits(filled.row(z, y), 0, 70);
      }
      expect_within(ones, name + std::to_string(percent), 0);
    }
  }
}

TEST_F(VoxelsReference, DistancesAreScipys) {
  const BitVolume bits = make_bits(5, {6, 11, 19}, 2);
  std::vector<std::uint8_t> mask;
  for (std::int64_t i = 0; i < 6 * 11 * 19; ++i) mask.push_back(bits.get(i / 209, i / 19 % 11, i % 19) ? 1 : 0);
  std::vector<double> ours;
  for (const std::int64_t square : squared_distances(mask, {6, 11, 19}, {5000, 842, 701}, 2))
    ours.push_back(std::sqrt(static_cast<double>(square)) / 1000);
  expect_within(ours, "distances", 1e-4);
}

TEST_F(VoxelsReference, HullsAreScikitImages) {
  for (int seed = 0; seed < 5; ++seed) {
    const BitVolume bits = make_bits(20 + seed, {1, 15, 70}, 2);
    BitVolume hull(bits.shape);
    fill_hull(convex_hull(bits.words.data(), 15, 70), 70, hull.words.data());
    expect_bits(hull, "hull_" + std::to_string(seed));
  }
}

TEST_F(VoxelsReference, MorphologyIsScipys) {
  const Disc disc = make_disc(4000, 842, 701);
  const BitVolume few = make_bits(41, {1, 24, 70}, 6), many = make_bits(42, {1, 24, 70}, 97);
  BitVolume ours(few.shape);
  dilate_slice(few.words.data(), 24, 70, disc, ours.words.data());
  expect_bits(ours, "dilated");
  close_slice(few.words.data(), 24, 70, disc, ours.words.data());
  expect_bits(ours, "closed");
  erode_slice(many.words.data(), 24, 70, disc, ours.words.data());
  expect_bits(ours, "eroded");
}

TEST_F(VoxelsReference, ResamplingIsPyTorchsAntialias) {
  const auto hu = make_hu(50, 37 * 41);
  for (const auto& [height, width] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{13, 16}, {37, 20}, {50, 41}, {9, 90}}) {
    const auto axis = [](std::int64_t from, std::int64_t to) { return ResampleAxis{from - to, 2 * from, to, 2 * to}; };
    const auto ours = resample(hu.data(), {1, 37, 41}, {{{{0, 1, 1}, axis(37, height), axis(41, width)}}, -1024}, 2);
    expect_within(ours, "resized_" + std::to_string(height) + "x" + std::to_string(width), 0.502);
  }
}

TEST_F(VoxelsReference, ResamplingIsPillowsOfABox) {
  const auto hu = make_hu(50, 37 * 41);
  struct Box {
    std::string name;
    double left, upper, right, lower;
  };
  for (const Box& box :
       {Box{"inside", 7.25, 5.5, 29.75, 31.125}, Box{"fine", 10.1, 12.3, 17.9, 20.0}, Box{"edge", 0, 0, 40.5, 33.3}}) {
    const auto axis = [](double low, double high, std::int64_t count) {
      const std::int64_t unit = 2000 * count, from = std::llround(low * 1000),
                         extent = std::llround(high * 1000) - from;
      return ResampleAxis{2 * count * from + extent - unit / 2, 2 * extent, count, unit};
    };
    const Resample how{{{{0, 1, 1}, axis(box.upper, box.lower, 10), axis(box.left, box.right, 12)}}, -1024};
    expect_within(resample(hu.data(), {1, 37, 41}, how, 1), "patch_" + box.name, 0.502);
  }
}

}  // namespace
}  // namespace pleura::kernels
