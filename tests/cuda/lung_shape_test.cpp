// Lungs completed by what their air encloses or leans on: the CPU's bits.
#include <gtest/gtest.h>

#include "device_array.hpp"
#include "device_components.hpp"
#include "kernels/convex_hull.hpp"
#include "kernels/cuda/bit_figures.hpp"
#include "kernels/cuda/convex_hull.hpp"
#include "kernels/cuda/costal_pockets.hpp"
#include "kernels/cuda/morphology.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/lung_stages.hpp"
#include "screening/synthetic_chest.hpp"

namespace pleura::test {
namespace {

using kernels::BitVolume;
using kernels::Connectivity;
namespace cuda = kernels::cuda;

/// One lung's part of screening::complete_lungs out of kernels, as a pipeline would queue it.
class Completion {
 public:
  Completion(const screening::LungGrid& grid, const BitVolume& airways, const BitVolume& body)
      : grid_(grid), airways_(airways.words), body_(body.words), parts_(grid.shape, most_runs(grid.shape)) {}

  /// How many voxels of pockets have been added.
  [[nodiscard]] std::int64_t pockets() const { return pockets_; }

  BitVolume complete(const BitVolume& lung, const BitVolume& other, bool is_left) {
    const Index3& shape = grid_.shape;
    const DeviceBits own(lung.words), others(other.words), closed(lung.words.size());
    const kernels::Disc disc = kernels::make_disc(screening::closing_um, grid_.spacing_um[1], grid_.spacing_um[2]);
    const DeviceBits workspace(static_cast<std::size_t>(cuda::close_workspace_bytes(shape, disc)) / 8);
    cuda::close(own.data(), closed.data(), shape, disc, workspace.data(), stream_.get());
    const DeviceArray<cuda::BitFigures> figures(1);
    cuda::measure_bits(own.data(), shape, 0, shape[0], figures.data(), stream_.get());
    add_pockets(closed, figures.download()[0], is_left);
    combine(closed, body_, closed, cuda::BitCombination::both);
    combine(closed, others, closed, cuda::BitCombination::first_only);
    combine(closed, airways_, closed, cuda::BitCombination::first_only);
    combine(closed, own, closed, cuda::BitCombination::either);
    fill_holes(closed, Connectivity::in_volume, voxels(shape));
    fill_holes(closed, Connectivity::in_slice, grid_.pixels(screening::most_hole_mm2));
    BitVolume result(shape);
    result.words = closed.download();
    return result;
  }

 private:
  void combine(const DeviceBits& a, const DeviceBits& b, const DeviceBits& out, cuda::BitCombination how) const {
    const BitVolume bits(grid_.shape);
    cuda::combine(a.data(), b.data(), out.data(), static_cast<std::int64_t>(bits.words.size()), how, stream_.get());
  }

  void add_pockets(const DeviceBits& closed, const cuda::BitFigures& figures, bool is_left) {
    const Index3& shape = grid_.shape;
    const auto room = static_cast<std::int32_t>(most_runs(shape));
    const DeviceArray<cuda::LargeComponent> list(static_cast<std::size_t>(room));
    const DeviceArray<std::int32_t> count(1);
    cuda::find_components(closed.data(), shape, Connectivity::in_slice, parts_.buffers(), stream_.get());
    cuda::list_large(parts_.buffers(), shape, grid_.pixels(screening::least_cut_mm2), 0, list.data(), room,
                     count.data(), stream_.get());
    const std::int64_t cuts = count.download()[0];
    if (cuts == 0) return;
    const Index3 side_by_side{cuts, shape[1], shape[2]};
    const std::size_t runs = most_runs(side_by_side), words = BitVolume(side_by_side).words.size();
    const DeviceBits drawn(words), pockets(words);
    const DeviceArray<std::int32_t> hulls(static_cast<std::size_t>(cuda::fill_hulls_workspace_bytes(side_by_side)) / 4);
    const DeviceComponents parts(side_by_side, runs);
    const DeviceArray<unsigned long long> costal(runs);
    const DeviceArray<std::uint8_t> wanted(runs);
    cuda::add_costal_pockets(
        closed.data(), shape, parts_.buffers(),
        {list.data(), cuts, drawn.data(), pockets.data(), hulls.data(), parts.buffers(), costal.data(), wanted.data()},
        {grid_.spacing_um[1], grid_.spacing_um[2], is_left, figures.low_y + figures.high_y,
         grid_.pixels(screening::most_pocket_mm2), screening::most_edge_um},
        stream_.get());
    BitVolume added(side_by_side);
    added.words = pockets.download();
    pockets_ += count_ones(added);
    for (const auto* guarded : {&drawn, &closed}) static_cast<void>(guarded->download());
    static_cast<void>(costal.download());
    static_cast<void>(wanted.download());
  }

  void fill_holes(const DeviceBits& bits, Connectivity connectivity, std::int64_t most) const {
    const DeviceBits zeros(BitVolume(grid_.shape).words.size());
    cuda::invert(bits.data(), zeros.data(), grid_.shape, stream_.get());
    cuda::find_components(zeros.data(), grid_.shape, connectivity, parts_.buffers(), stream_.get());
    cuda::fill_holes(parts_.buffers(), grid_.shape, connectivity, most, bits.data(), stream_.get());
    static_cast<void>(zeros.download());  // before its memory goes
  }

  runtime::cuda::Stream stream_;
  screening::LungGrid grid_;
  DeviceBits airways_, body_;
  DeviceComponents parts_;
  std::int64_t pockets_ = 0;
};

/// Returns how many voxels of pockets there were.
std::int64_t expect_like_the_cpu(screening::LungSides sides, const BitVolume& airways, const BitVolume& body,
                                 const screening::LungGrid& grid) {
  Completion completion(grid, airways, body);
  const BitVolume left = completion.complete(sides.left, sides.right, true);
  BitVolume right = completion.complete(sides.right, left, false);
  for (std::size_t i = 0; i < right.words.size(); ++i) right.words[i] &= ~left.words[i];
  screening::complete_lungs(sides, airways, body, grid);
  EXPECT_EQ(left.words, sides.left.words);
  EXPECT_EQ(right.words, sides.right.words);
  return completion.pockets();
}

/// Sets or clears the voxels of a slice in rows [low_y, high_y) and columns [low_x, high_x), as far as they are in it.
void fill(BitVolume& bits, std::int64_t z, const kernels::Pixel& low, const kernels::Pixel& high, bool value) {
  for (std::int64_t y = std::max<std::int64_t>(0, low.y); y < std::min(bits.shape[1], high.y); ++y)
    for (std::int64_t x = std::max<std::int64_t>(0, low.x); x < std::min(bits.shape[2], high.x); ++x)
      bits.set(z, y, x, value);
}

/// In each slice a square with a notch in one of its sides, and discs of several sizes.
BitVolume random_blobs(Random& random, const Index3& shape) {
  BitVolume blobs(shape);
  for (std::int64_t z = 0; z < shape[0]; ++z) {
    const std::int64_t side = random(12, 20), y = random(0, shape[1]), x = random(0, shape[2]);
    const std::int64_t wide = random(4, 9), deep = random(2, 6), along = random(1, side - wide - 1);
    fill(blobs, z, {y, x}, {y + side, x + side}, true);
    const std::int64_t across = random(0, 1) * (side - deep);
    if (random(0, 1) == 0)
      fill(blobs, z, {y + across, x + along}, {y + across + deep, x + along + wide}, false);
    else
      fill(blobs, z, {y + along, x + across}, {y + along + wide, x + across + deep}, false);
    for (int i = 0; i < 3; ++i) {
      const std::int64_t radius = random(1, 9), v = random(0, shape[1] - 1), u = random(0, shape[2] - 1);
      for (std::int64_t dy = -radius; dy <= radius; ++dy)
        for (std::int64_t dx = -radius; dx <= radius; ++dx)
          if (dy * dy + dx * dx <= radius * radius) fill(blobs, z, {v + dy, u + dx}, {v + dy + 1, u + dx + 1}, true);
    }
  }
  return blobs;
}

TEST(CudaLungShape, OfBlobsIsTheCpus) {
  Random random;
  std::int64_t pockets = 0;
  for (const Index3& shape : {Index3{1, 1, 1}, {2, 23, 63}, {5, 40, 65}, {9, 51, 50}, {5, 29, 130}})
    for (const std::int64_t spacing_um : {3000, 5000, 11'000}) {
      SCOPED_TRACE(random.trace(name(shape) + " of " + std::to_string(spacing_um) + " um"));
      screening::LungSides sides{random_blobs(random, shape), random_blobs(random, shape)};
      for (std::size_t i = 0; i < sides.left.words.size(); ++i) sides.right.words[i] &= ~sides.left.words[i];
      const auto draw = [&](double density) {
        return random_bits(shape, density, static_cast<std::uint32_t>(random(0, 1 << 30)));
      };
      const screening::LungGrid grid{shape, {5000, spacing_um, spacing_um + random(-500, 500)}, 1};
      pockets += expect_like_the_cpu(std::move(sides), draw(0.02), draw(0.98), grid);
    }
  EXPECT_GT(pockets, 100);
}

TEST(CudaLungShape, OfAChestIsTheCpus) {
  ChestOptions options;
  options.spacing = {20, 4, 4};
  for (const double z : {70.0, 130.0}) {  // nodules at the ribs
    options.lesions.push_back({-150, 60, z, 25, 30});
    options.lesions.push_back({150, 40, z + 20, 22, 30});
  }
  const Volume volume = make_chest(options).volume;
  const screening::LungGrid grid{volume.geometry.shape, {20'000, 4000, 4000}, 1};
  const screening::AirBits bits = screening::find_air(volume, grid);
  const BitVolume airways = screening::find_airways(bits, grid);
  expect_like_the_cpu(screening::choose_lungs(volume, bits, airways, grid), airways, bits.body, grid);
}

TEST(CudaLungShape, IsLeftAloneWhereThePocketsDoNotFit) {
  const runtime::cuda::Stream stream;
  const Index3 shape{2, 30, 70};
  const BitVolume bits = random_bits(shape, 0.75, 3);
  const DeviceBits lung(bits.words);
  const DeviceComponents found(shape, most_runs(shape));
  const DeviceArray<cuda::LargeComponent> list(100);
  const DeviceArray<std::int32_t> count(1);
  cuda::find_components(lung.data(), shape, Connectivity::in_slice, found.buffers(), stream.get());
  cuda::list_large(found.buffers(), shape, 1, 0, list.data(), 100, count.data(), stream.get());
  const std::int64_t cuts = count.download()[0];
  const Index3 side_by_side{cuts, shape[1], shape[2]};
  const std::size_t words = BitVolume(side_by_side).words.size();
  const DeviceBits drawn(words), pockets(words);
  const DeviceArray<std::int32_t> hulls(static_cast<std::size_t>(cuda::fill_hulls_workspace_bytes(side_by_side)) / 4);
  const DeviceComponents parts(side_by_side, 1);
  const DeviceArray<unsigned long long> costal(1);
  const DeviceArray<std::uint8_t> wanted(1);
  cuda::add_costal_pockets(
      lung.data(), shape, found.buffers(),
      {list.data(), cuts, drawn.data(), pockets.data(), hulls.data(), parts.buffers(), costal.data(), wanted.data()},
      {1000, 1000, true, 30, 1000, 120'000}, stream.get());
  EXPECT_EQ(lung.download(), bits.words);
  EXPECT_GT(parts.first_of_row.download().back(), 1);
}

}  // namespace
}  // namespace pleura::test
