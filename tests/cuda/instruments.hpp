#pragma once
/// The CPU's instrument for volumes beside CUDA's: what one gives the other gives, bit for bit.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/instrument.hpp"
#include "kernels/voxels.hpp"
#include "random.hpp"

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

/// Two of them, with their devices.
class Instruments {
 public:
  kernels::Instrument& cpu() { return *on_cpu_; }
  kernels::Instrument& cuda() { return *on_cuda_; }

  /// What run(instrument) gives on CUDA, as plain values, which must be what it gives on the CPU.
  template <class Run>
  auto both(const Run& run) {
    auto expected = run(cpu());
    EXPECT_TRUE(run(cuda()) == expected);
    return expected;
  }

  /// The same of an operation of volumes: run(instrument, volumes...) gives a volume.
  template <class Run, class... Volumes>
  kernels::BitVolume bits(const Run& run, const Volumes&... volumes) {
    return both([&](kernels::Instrument& on) { return on.read(run(on, on.take(volumes)...)); });
  }

 private:
  kernels::OpenDevice cpu_ = kernels::open_device("cpu", 1), cuda_ = kernels::open_device("cuda", 1);
  std::unique_ptr<kernels::Instrument> on_cpu_ = cpu_.instrument(), on_cuda_ = cuda_.instrument();
};

}  // namespace pleura::test
