// Other grids, what networks are given, and the cubes that they propose.
#include <algorithm>

#include "kernels/mask_sampling.hpp"
#include "kernels/reference/instrument.hpp"

namespace pleura::kernels::reference {
namespace {

/// The first `most` cubes; the rest is dropped.
Cubes first_of(FoundCubes cubes, std::int64_t most) {
  const std::size_t all = cubes.best.size(), kept = std::min(all, static_cast<std::size_t>(most));
  cubes.best.resize(kept);
  cubes.counts.kept = static_cast<std::int32_t>(kept);
  cubes.counts.dropped = static_cast<std::int32_t>(all - kept);
  return held<Cubes>(std::move(cubes));
}

/// Is the centre of a voxel with a label within a distance of that of this one?
bool is_near(const LabelsContent& labels, const Index3& voxel, const std::array<std::int64_t, 3>& spacing,
             std::int64_t distance) {
  Index3 low{}, high{};  // farther off along one axis alone is too far
  for (int axis = 0; axis < 3; ++axis) {
    low[axis] = std::max<std::int64_t>(voxel[axis] - distance / spacing[axis], 0);
    high[axis] = std::min(voxel[axis] + distance / spacing[axis], labels.shape[axis] - 1);
  }
  for (std::int64_t z = low[0]; z <= high[0]; ++z)
    for (std::int64_t y = low[1]; y <= high[1]; ++y)
      for (std::int64_t x = low[2]; x <= high[2]; ++x) {
        if (labels.values[(z * labels.shape[1] + y) * labels.shape[2] + x] == 0) continue;
        const std::int64_t dz = (z - voxel[0]) * spacing[0], dy = (y - voxel[1]) * spacing[1],
                           dx = (x - voxel[2]) * spacing[2];
        if (dz * dz + dy * dy + dx * dx <= distance * distance) return true;
      }
  return false;
}

}  // namespace

Hu NaiveInstrument::resample(const Hu& hu, const Resample& how) {
  const auto& [shape, values] = hu.as<HuContent>();
  return held<Hu>(HuContent{{how.axes[0].count, how.axes[1].count, how.axes[2].count},
                            reference::resample(values.data(), shape, how)});
}

Labels NaiveInstrument::sample(const Labels& labels, const std::array<ResampleAxis, 3>& axes) {
  const auto& [shape, values] = labels.as<LabelsContent>();
  return held<Labels>(
      LabelsContent{{axes[0].count, axes[1].count, axes[2].count}, reference::sample_mask(values, shape, axes)});
}

Hu NaiveInstrument::fill_far(const Hu& hu, const Labels& labels, const std::array<std::int64_t, 3>& spacing,
                             std::int64_t distance, std::int16_t outside) {
  HuContent filled = hu.as<HuContent>();
  for_each_voxel(filled.shape, [&](auto z, auto y, auto x, std::size_t voxel) {
    if (!is_near(labels.as<LabelsContent>(), {z, y, x}, spacing, distance)) filled.values[voxel] = outside;
  });
  return held<Hu>(std::move(filled));
}

Hu NaiveInstrument::cut(const Hu& hu, const std::vector<PatchRegion>& regions, std::int16_t outside) {
  const auto& [shape, values] = hu.as<HuContent>();
  HuContent patches{{static_cast<std::int64_t>(regions.size()) * patch_slices, regions.front().along_y.count,
                     regions.front().along_x.count},
                    {}};
  for (const PatchRegion& region : regions)
    for (const std::int64_t z : region.slices) {
      const Resample how{{{{0, 1, 1}, region.along_y, region.along_x}}, outside};
      const auto patch = reference::resample(values.data() + z * shape[1] * shape[2], {1, shape[1], shape[2]}, how);
      patches.values.insert(patches.values.end(), patch.begin(), patch.end());
    }
  return held<Hu>(std::move(patches));
}

std::vector<double> NaiveInstrument::distances_from_edge(const Labels& labels, const std::array<double, 2>& spacing_mm,
                                                         const std::vector<EdgePoint>& points) {
  const auto& [shape, values] = labels.as<LabelsContent>();
  std::vector<double> distances;
  for (const EdgePoint& point : points)
    distances.push_back(reference::distance_from_edge(values, shape, spacing_mm, point));
  return distances;
}

void NaiveInstrument::window(const Hu& hu, const Window& window, const runtime::TensorView& out) {
  reference::window_volume(hu.as<HuContent>().values, window, out);
}

void NaiveInstrument::window(const Hu& patches, std::int64_t first, const ImageChannels& how,
                             const runtime::TensorView& out) {
  const auto& [shape, values] = patches.as<HuContent>();
  reference::window_images(values, shape[0] / patch_slices * patch_images, first, how, out);
}

Cubes NaiveInstrument::decode(const runtime::TensorView& head, const ProposalDecoding& how) {
  FoundCubes found = reference::decode_proposals(head, how);
  reference::keep_best(found.best, found.best.size());
  return first_of(std::move(found), most_proposals);
}

Cubes NaiveInstrument::suppress(const Cubes& cubes, double nms_iou) {
  const auto& [best, counts] = cubes.as<FoundCubes>();
  return first_of({reference::suppress_overlaps(best, nms_iou), counts}, most_proposals);
}

Cubes NaiveInstrument::keep_inside(const Cubes& cubes, const Labels& labels, const std::array<double, 3>& spacing_mm,
                                   std::int64_t most) {
  const auto& [best, counts] = cubes.as<FoundCubes>();
  const auto& [shape, values] = labels.as<LabelsContent>();
  return first_of({reference::keep_inside(best, values, shape, spacing_mm), counts}, most);
}

Cubes NaiveInstrument::enclose(const runtime::TensorView& head, const Labels& labels, const MaskDecoding& how) {
  return held<Cubes>(reference::enclose_foreground(head, labels.as<LabelsContent>().values, how));
}

FoundCubes NaiveInstrument::read(const Cubes& cubes) { return cubes.as<FoundCubes>(); }

}  // namespace pleura::kernels::reference
