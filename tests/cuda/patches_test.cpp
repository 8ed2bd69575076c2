// The classifier's input: the pixels that the CPU cuts, bit for bit.
#include "kernels/cuda/patches.hpp"

#include <gtest/gtest.h>

#include "device_array.hpp"
#include "kernels/voxels.hpp"
#include "pleura/error.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"

namespace pleura::test {
namespace {

namespace cuda = kernels::cuda;
static_assert(cuda::patch_images == screening::kImages && cuda::patch_slices == screening::kPatchSlices);

constexpr std::int16_t outside = -1024;

struct Problem {
  Volume volume;
  std::vector<std::array<double, 3>> centres;
  std::int64_t pixels = 1;
  weights::ClassifierSettings settings;
};

Problem make_problem(Random& random, const Index3& shape, std::int64_t pixels, std::int64_t regions) {
  Problem problem;
  problem.volume.geometry.shape = shape;
  for (double& spacing : problem.volume.geometry.spacing) spacing = static_cast<double>(random(30, 250)) / 100;
  problem.volume.hu = random_hu(shape[0] * shape[1] * shape[2], static_cast<std::uint32_t>(random(0, 1 << 30)));
  problem.pixels = pixels;
  problem.settings.field_mm = static_cast<double>(random(20, 300)) / 10;
  for (std::int64_t i = 0; i < regions; ++i) {
    std::array<double, 3> centre{};
    for (std::size_t axis = 0; axis < 3; ++axis)  // some beyond the volume
      centre[axis] = static_cast<double>(random(-300, 100 * shape[axis] + 200)) / 100;
    problem.centres.push_back(centre);
  }
  return problem;
}

std::vector<cuda::PatchRegion> regions_of(const Problem& problem) {
  const auto& [shape, spacing, origin, direction] = problem.volume.geometry;
  std::vector<cuda::PatchRegion> regions;
  for (const auto& centre : problem.centres) {
    const double field = problem.settings.field_mm;
    regions.push_back({screening::patch_slices(centre[0], shape[0]),
                       screening::patch_axis(centre[1], spacing[1], field, problem.pixels),
                       screening::patch_axis(centre[2], spacing[2], field, problem.pixels)});
  }
  return regions;
}

layers::HostTensor on_the_cpu(const Problem& problem) {
  screening::Lungs lungs;
  lungs.mask.resize(problem.volume.hu.size());
  lungs.slice_boxes.resize(static_cast<std::size_t>(problem.volume.geometry.shape[0]));
  std::vector<screening::RegionPatches> regions;
  for (const auto& centre : problem.centres)
    regions.push_back(screening::cut_region(problem.volume, lungs, centre, problem.settings.field_mm, problem.pixels));
  return screening::classifier_input(regions, problem.settings, problem.pixels);
}

template <class Element>
void expect_like_the_cpu(const Problem& problem, std::int64_t pitch) {
  const runtime::cuda::Stream stream;
  const Index3& shape = problem.volume.geometry.shape;
  const cuda::PatchTable table(regions_of(problem), shape);
  const DeviceArray<std::int16_t> hu(problem.volume.hu);
  const layers::HostTensor expected = on_the_cpu(problem);
  const std::int64_t pixels = expected.shape[0] * expected.shape[2] * expected.shape[3];
  const DeviceArray<Element> out(static_cast<std::size_t>(pixels * pitch));
  const std::vector<Element> before = out.download();
  const bool neighbours = problem.settings.image == weights::PatchImage::neighbours;
  cuda::gather_patches(hu.data(), out.data(), pitch, shape, table, {neighbours, problem.settings.windows}, outside,
                       stream.get());
  const std::vector<Element> found = out.download();
  ASSERT_EQ(table.images(), expected.shape[0]);
  for (std::int64_t i = 0; i < pixels; ++i)
    for (std::int64_t c = 0; c < pitch; ++c) {
      const auto at = static_cast<std::size_t>(i * pitch + c);
      if (c >= 3)
        ASSERT_EQ(std::memcmp(&found[at], &before[at], sizeof(Element)), 0) << "wrote beside its channels";
      else if constexpr (std::is_same_v<Element, float>)
        ASSERT_EQ(found[at], expected.values[static_cast<std::size_t>(3 * i + c)]) << i;
      else
        ASSERT_EQ(__half2float(found[at]),
                  __half2float(__float2half_rn(expected.values[static_cast<std::size_t>(3 * i + c)])))
            << i;
    }
}

TEST(CudaPatches, AreTheCpus) {
  Random random;
  const std::vector<Index3> shapes{{1, 1, 1}, {1, 9, 1}, {2, 1, 17}, {7, 13, 21}, {9, 30, 25}};
  for (const Index3& shape : shapes)
    for (const std::int64_t pixels : {1, 2, 7, 20})
      for (const auto image : {weights::PatchImage::windows, weights::PatchImage::neighbours}) {
        Problem problem = make_problem(random, shape, pixels, random(1, 4));
        problem.settings.image = image;
        SCOPED_TRACE(random.trace(std::to_string(shape[0]) + "x" + std::to_string(shape[1]) + "x" +
                                  std::to_string(shape[2]) + ", " + std::to_string(pixels) + " pixels"));
        expect_like_the_cpu<float>(problem, random(3, 5));
        expect_like_the_cpu<__half>(problem, random(3, 8));
      }
}

TEST(CudaPatches, RefuseSlicesThatAreNotThereAndPatchesOfSeveralSizes) {
  const kernels::ResampleAxis two{0, 1, 2}, three{0, 1, 3};
  EXPECT_THROW(cuda::PatchTable({{{0, 0, 1, 2, 3}, two, two}}, {3, 4, 4}), Error);
  EXPECT_THROW(cuda::PatchTable({{{-1, 0, 1, 2, 2}, two, two}}, {3, 4, 4}), Error);
  EXPECT_THROW(cuda::PatchTable({{{0, 0, 1, 2, 2}, two, three}}, {3, 4, 4}), Error);
}

}  // namespace
}  // namespace pleura::test
