#include "phantom/phantom.hpp"

#include <algorithm>
#include <cmath>

#include "phantom/random.hpp"
#include "phantom/scanner.hpp"
#include "runtime/parallel.hpp"

namespace pleura::phantom {

namespace {

Geometry place(const Anatomy& anatomy, const Acquisition& acquisition) {
  Geometry geometry;
  const double low = anatomy.lung_bottom() - 22, high = anatomy.lung_top() + 22;
  const std::int64_t slices = acquisition.slices > 0
                                  ? acquisition.slices
                                  : static_cast<std::int64_t>(std::ceil((high - low) / acquisition.spacing[0]));
  geometry.shape = {slices, acquisition.matrix, acquisition.matrix};
  geometry.spacing = acquisition.spacing;
  const Patient& patient = anatomy.patient();
  // Whole micrometres, so that DICOM's decimal strings hold them exactly.
  const auto centred = [&](double middle, int axis) {
    return std::round((middle - 0.5 * static_cast<double>(geometry.shape[axis] - 1) * geometry.spacing[axis]) * 1e3) /
           1e3;
  };
  geometry.origin = {centred(patient.shift_x, 2), centred(8 + patient.shift_y, 1), centred(0.5 * (low + high), 0)};
  return geometry;
}

CaseLabel draw_case(std::uint64_t seed) {
  Random random(seed, "case");
  constexpr CaseLabel cases[] = {CaseLabel::no_infection_found, CaseLabel::covid19, CaseLabel::influenza_a};
  return cases[random.integer(0, 2)];
}

// What one finding covers, gathered voxel by voxel in order.
struct Extent {
  Index3 low{INT64_MAX, INT64_MAX, INT64_MAX}, high{};
  std::array<double, 3> index_sum{};
  double hu_sum = 0;
  std::int64_t voxels = 0;
};

void describe(Phantom& phantom, const std::vector<Lesion>& lesions) {
  const Geometry& geometry = phantom.volume.geometry;
  std::vector<Extent> extents(lesions.size());
  std::array<std::int64_t, 3> lung_voxels{};
  std::size_t i = 0;
  for (std::int64_t z = 0; z < geometry.shape[0]; ++z) {
    for (std::int64_t y = 0; y < geometry.shape[1]; ++y) {
      for (std::int64_t x = 0; x < geometry.shape[2]; ++x, ++i) {
        ++lung_voxels[phantom.lungs[i]];
        if (phantom.lesions[i] == 0) continue;
        Extent& extent = extents[phantom.lesions[i] - 1];
        const Index3 at{z, y, x};
        for (int axis = 0; axis < 3; ++axis) {
          extent.low[axis] = std::min(extent.low[axis], at[axis]);
          extent.high[axis] = std::max(extent.high[axis], at[axis] + 1);
          extent.index_sum[axis] += static_cast<double>(at[axis]);
        }
        extent.hu_sum += phantom.volume.hu[i];
        ++extent.voxels;
      }
    }
  }
  const double voxel_mm3 = geometry.spacing[0] * geometry.spacing[1] * geometry.spacing[2];
  phantom.left_litres = static_cast<double>(lung_voxels[1]) * voxel_mm3 * 1e-6;
  phantom.right_litres = static_cast<double>(lung_voxels[2]) * voxel_mm3 * 1e-6;
  // Findings outside the slices, or hidden under others, are no ground truth; the label map counts those that stay.
  std::vector<std::uint8_t> renumbered(lesions.size() + 1, 0);
  for (std::size_t k = 0; k < lesions.size(); ++k) {
    const Extent& extent = extents[k];
    if (extent.voxels == 0) continue;
    const auto count = static_cast<double>(extent.voxels);
    TrueRegion region;
    region.label = lesions[k].label;
    region.kind = lesions[k].kind;
    region.box_voxels = {extent.low, extent.high};
    region.box_mm = to_world(geometry, region.box_voxels);
    region.centre =
        geometry.to_world({extent.index_sum[0] / count, extent.index_sum[1] / count, extent.index_sum[2] / count});
    region.volume_ml = count * voxel_mm3 * 1e-3;
    region.mean_hu = extent.hu_sum / count;
    phantom.regions.push_back(region);
    renumbered[k + 1] = static_cast<std::uint8_t>(phantom.regions.size());
  }
  for (std::uint8_t& label : phantom.lesions) label = renumbered[label];
}

}  // namespace

Phantom make_phantom(const PhantomOptions& options, const Progress& progress) {
  Phantom phantom;
  phantom.findings = options.findings.value_or(draw_case(options.seed));
  const Anatomy anatomy(draw_patient(options.seed));
  const Trees trees = grow_trees(anatomy);
  Findings findings = draw_findings(anatomy, trees, phantom.findings, options.seed);
  if (!options.lesions) findings = {};
  const Scanner scanner = draw_scanner(options.seed, options.acquisition);

  Geometry& geometry = phantom.volume.geometry;
  geometry = place(anatomy, options.acquisition);
  const auto plane = geometry.shape[1] * geometry.shape[2];
  phantom.volume.hu.resize(geometry.voxels());
  phantom.lungs.resize(geometry.voxels());
  phantom.lesions.resize(geometry.voxels());
  const Scene scene{anatomy, trees, findings, geometry};
  const auto make_slice = [&](std::int64_t z) {
    const Slice slice = render_slice(scene, z);
    const std::vector<std::int16_t> hu = scan_slice(scanner, geometry, slice, z);
    std::copy(hu.begin(), hu.end(), phantom.volume.hu.begin() + z * plane);
    std::copy(slice.lungs.begin(), slice.lungs.end(), phantom.lungs.begin() + z * plane);
    std::copy(slice.lesions.begin(), slice.lesions.end(), phantom.lesions.begin() + z * plane);
  };
  // Progress is told between bundles of slices, from this thread.
  const std::int64_t slices = geometry.shape[0], bundle = std::int64_t{4} * resolve_threads(options.threads);
  for (std::int64_t first = 0; first < slices; first += bundle) {
    if (progress) progress("phantom", static_cast<double>(first) / static_cast<double>(slices));
    parallel_for(std::min(bundle, slices - first), options.threads, [&](std::int64_t i) { make_slice(first + i); });
  }
  describe(phantom, findings.lesions);
  return phantom;
}

}  // namespace pleura::phantom
