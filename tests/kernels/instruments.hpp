#pragma once
/// The instruments for volumes of two devices: what one gives the other gives, bit for bit.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/instrument.hpp"
#include "kernels/random.hpp"
#include "kernels/voxels.hpp"

namespace pleura::test {

/// Odd shapes, those of voxel_shapes() and some of a row or two of blocks.
inline std::vector<Index3> shapes(Random& random) {
  std::vector<Index3> shapes = voxel_shapes();
  for (int i = 0; i < 2; ++i) shapes.push_back({random(1, 5), random(1, 24), random(1, 140)});
  return shapes;
}

inline std::string name(const Index3& shape) {
  return std::to_string(shape[0]) + "x" + std::to_string(shape[1]) + "x" + std::to_string(shape[2]);
}

inline std::int64_t voxels(const Index3& shape) { return shape[0] * shape[1] * shape[2]; }

inline kernels::BitVolume draw_bits(Random& random, const Index3& shape, double density) {
  return random_bits(shape, density, static_cast<std::uint32_t>(random(0, 1 << 30)));
}

/// The device that says what is right, and the one that is held against it.
using DeviceNames = std::pair<std::string, std::string>;

/// Two of them, with their devices.
class InstrumentPair {
 public:
  explicit InstrumentPair(const DeviceNames& names)
      : right_(kernels::open_device(names.first, 1)), held_(kernels::open_device(names.second, 2)) {}

  kernels::Instrument& right() { return *on_right_; }
  kernels::Instrument& held() { return *on_held_; }

  /// What run(instrument) gives on the one, as plain values, which must be what it gives on the other.
  template <class Run>
  auto both(const Run& run) {
    auto expected = run(right());
    EXPECT_TRUE(run(held()) == expected);
    return expected;
  }

  /// The same of an operation of volumes: run(instrument, volumes...) gives a volume.
  template <class Run, class... Volumes>
  kernels::BitVolume bits(const Run& run, const Volumes&... volumes) {
    return both([&](kernels::Instrument& on) { return on.read(run(on, on.take(volumes)...)); });
  }

 private:
  kernels::OpenDevice right_, held_;
  std::unique_ptr<kernels::Instrument> on_right_ = right_.instrument(), on_held_ = held_.instrument();
};

/// Tests of every verb, in agreement_*_test.cpp; a program that is made of them names the devices that it holds.
class InstrumentsAgree : public ::testing::TestWithParam<DeviceNames> {};

}  // namespace pleura::test
