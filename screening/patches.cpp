#include "screening/patches.hpp"

#include <algorithm>
#include <cmath>

#include "screening/sampling.hpp"
#include "screening/spacing.hpp"
#include "screening/windowing.hpp"

namespace pleura::screening {

std::array<std::int64_t, kPatchSlices> patch_slices(double z, std::int64_t slices) {
  const double last = static_cast<double>(slices - 1);
  const auto centre = static_cast<std::int64_t>(std::floor(std::clamp(z, 0.0, last) + 0.5));
  std::array<std::int64_t, kPatchSlices> result{};
  for (int k = 0; k < kPatchSlices; ++k)
    result[k] = std::clamp<std::int64_t>(centre + k - kPatchSlices / 2, 0, slices - 1);
  return result;
}

std::vector<RegionPatches> cut_regions(kernels::Instrument& on, const kernels::Hu& hu, const Geometry& geometry,
                                       const Lungs& lungs, const std::vector<std::array<double, 3>>& centres,
                                       double field_mm, std::int64_t pixels) {
  const auto& spacing = geometry.spacing;
  std::vector<kernels::PatchRegion> where;
  std::vector<kernels::EdgePoint> points;
  for (const auto& [z, y, x] : centres) {
    where.push_back({patch_slices(z, geometry.shape[0]), patch_axis(y, spacing[1], field_mm, pixels),
                     patch_axis(x, spacing[2], field_mm, pixels)});
    for (int image = 0; image < kImages; ++image)
      points.push_back(edge_point(lungs, where.back().slices[image + 1], y, x));
  }
  const std::vector<std::int16_t> patches = on.cut(hu, where, outside_volume);
  const std::vector<double> distances =
      on.distances_from_edge(lungs.labels, {settled_spacing(spacing[1]), settled_spacing(spacing[2])}, points);
  const std::int64_t size = kPatchSlices * pixels * pixels;
  std::vector<RegionPatches> regions(centres.size());
  for (std::size_t i = 0; i < regions.size(); ++i) {
    regions[i].slices = where[i].slices;
    const auto first = patches.begin() + static_cast<std::int64_t>(i) * size;
    regions[i].hu.assign(first, first + size);
    std::copy_n(distances.begin() + static_cast<std::int64_t>(i) * kImages, kImages, regions[i].distances.begin());
  }
  return regions;
}

layers::HostTensor classifier_input(const std::vector<RegionPatches>& regions,
                                    const weights::ClassifierSettings& settings, std::int64_t pixels) {
  constexpr int channels = 3;
  const std::int64_t area = pixels * pixels;
  layers::HostTensor batch;
  batch.shape = {kImages * static_cast<std::int64_t>(regions.size()), 1, pixels, pixels, channels};
  batch.values.reserve(batch.shape[0] * area * channels);
  const bool neighbours = settings.image == weights::PatchImage::neighbours;
  for (const RegionPatches& region : regions)
    for (int image = 0; image < kImages; ++image)
      for (std::int64_t i = 0; i < area; ++i)
        for (int c = 0; c < channels; ++c) {
          const int slice = neighbours ? image + c : image + 1;
          batch.values.push_back(apply_window(region.hu[slice * area + i], settings.windows[neighbours ? 0 : c]));
        }
  return batch;
}

std::vector<float> network_distances(const std::vector<RegionPatches>& regions,
                                     const weights::ClassifierSettings& settings) {
  std::vector<float> distances;
  distances.reserve(kImages * regions.size());
  for (const RegionPatches& region : regions)
    for (const double distance : region.distances)
      distances.push_back(
          static_cast<float>((std::min(distance, kFarthest) - settings.distance_shift) * settings.distance_scale));
  return distances;
}

}  // namespace pleura::screening
