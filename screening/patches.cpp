#include "screening/patches.hpp"

#include <algorithm>
#include <cmath>

#include "screening/sampling.hpp"
#include "screening/spacing.hpp"

namespace pleura::screening {

std::array<std::int64_t, kPatchSlices> patch_slices(double z, std::int64_t slices) {
  const double last = static_cast<double>(slices - 1);
  const auto centre = static_cast<std::int64_t>(std::floor(std::clamp(z, 0.0, last) + 0.5));
  std::array<std::int64_t, kPatchSlices> result{};
  for (int k = 0; k < kPatchSlices; ++k)
    result[k] = std::clamp<std::int64_t>(centre + k - kPatchSlices / 2, 0, slices - 1);
  return result;
}

Patches cut_regions(kernels::Instrument& on, const kernels::Hu& hu, const Geometry& geometry, const Lungs& lungs,
                    const std::vector<std::array<double, 3>>& centres, double field_mm, std::int64_t pixels) {
  if (centres.empty()) return {};
  const auto& spacing = geometry.spacing;
  std::vector<kernels::PatchRegion> where;
  std::vector<kernels::EdgePoint> points;
  for (const auto& [z, y, x] : centres) {
    where.push_back({patch_slices(z, geometry.shape[0]), patch_axis(y, spacing[1], field_mm, pixels),
                     patch_axis(x, spacing[2], field_mm, pixels)});
    for (int image = 0; image < kImages; ++image)
      points.push_back(edge_point(lungs, where.back().slices[image + 1], y, x));
  }
  Patches patches{std::vector<RegionPatches>(centres.size()), on.cut(hu, where, outside_volume)};
  const std::vector<double> distances =
      on.distances_from_edge(lungs.labels, {settled_spacing(spacing[1]), settled_spacing(spacing[2])}, points);
  for (std::size_t i = 0; i < centres.size(); ++i) {
    patches.regions[i].slices = where[i].slices;
    std::copy_n(distances.begin() + static_cast<std::int64_t>(i) * kImages, kImages,
                patches.regions[i].distances.begin());
  }
  return patches;
}

kernels::ImageChannels image_channels(const weights::ClassifierSettings& settings) {
  return {settings.windows, settings.image == weights::PatchImage::neighbours};
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
