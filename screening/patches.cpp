#include "screening/patches.hpp"

#include <algorithm>
#include <cmath>

#include "screening/sampling.hpp"
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

RegionPatches cut_region(const Volume& volume, const Lungs& lungs, const std::array<double, 3>& centre, double field_mm,
                         std::int64_t pixels) {
  RegionPatches region;
  region.slices = patch_slices(centre[0], volume.geometry.shape[0]);
  for (const std::int64_t slice : region.slices) {
    const std::vector<std::int16_t> patch = cut_patch(volume, slice, centre[1], centre[2], field_mm, pixels);
    region.hu.insert(region.hu.end(), patch.begin(), patch.end());
  }
  for (int image = 0; image < kImages; ++image)
    region.distances[image] = distance_from_edge(volume, lungs, region.slices[image + 1], centre[1], centre[2]);
  return region;
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
