#include "phantom/phantom.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "phantom/background.hpp"
#include "phantom/blur.hpp"
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

double share_below(const Phantom& phantom, int hu) {
  std::int64_t all = 0, low = 0;
  for (std::size_t i = 0; i < phantom.lungs.size(); ++i) {
    if (phantom.lungs[i] == 0) continue;
    ++all;
    if (phantom.volume.hu[i] < hu) ++low;
  }
  return all > 0 ? static_cast<double>(low) / static_cast<double>(all) : 0;
}

// Calls body(z) for each slice; progress is told between bundles of them, from this thread.
void for_slices(std::int64_t slices, int threads, const Progress& progress,
                const std::function<void(std::int64_t)>& body) {
  const std::int64_t bundle = std::int64_t{4} * resolve_threads(threads);
  for (std::int64_t first = 0; first < slices; first += bundle) {
    if (progress) progress("phantom", static_cast<double>(first) / static_cast<double>(slices));
    parallel_for(std::min(bundle, slices - first), threads, [&](std::int64_t i) { body(first + i); });
  }
}

void make_patient(Phantom& phantom, const PhantomOptions& options, const Progress& progress) {
  const Anatomy anatomy(over_inflated(draw_patient(options.seed, options.population), options.emphysema));
  const Trees trees = grow_trees(anatomy);
  Findings findings;
  if (options.lesions) findings = draw_findings(PatientLungs(anatomy, trees), phantom.findings, options.seed);
  const Scanner scanner = draw_scanner(options.seed, options.acquisition);

  Geometry& geometry = phantom.volume.geometry;
  geometry = place(anatomy, options.acquisition);
  const auto plane = geometry.shape[1] * geometry.shape[2];
  phantom.volume.hu.resize(geometry.voxels());
  phantom.lungs.resize(geometry.voxels());
  phantom.lesions.resize(geometry.voxels());
  const Emphysema emphysema(anatomy, options.emphysema);
  const Scene scene{anatomy, trees, findings, emphysema, geometry};
  for_slices(geometry.shape[0], options.threads, progress, [&](std::int64_t z) {
    const Slice slice = render_slice(scene, z);
    const std::vector<std::int16_t> hu = scan_slice(scanner, geometry, slice, z);
    std::copy(hu.begin(), hu.end(), phantom.volume.hu.begin() + z * plane);
    std::copy(slice.lungs.begin(), slice.lungs.end(), phantom.lungs.begin() + z * plane);
    std::copy(slice.lesions.begin(), slice.lesions.end(), phantom.lesions.begin() + z * plane);
  });
  describe(phantom, findings.lesions);
  if (!emphysema.is_none()) phantom.emphysema = {options.emphysema, share_below(phantom, -950)};
}

// A real CT brings its own blur and noise; some are made a little softer and noisier, for variety.
void grow_in_background(Phantom& phantom, const PhantomOptions& options, const Progress& progress) {
  const Background& background = *options.background;
  phantom.background = background.name;
  phantom.known = background.known;
  const Volume& given = background.volume;
  const double wanted = options.acquisition.spacing[0] / given.geometry.spacing[0];
  phantom.volume = thicker(given, std::max<std::int64_t>(1, std::lround(wanted)));
  std::vector<WorldBox> closed;
  for (const KnownBox& box : background.known) closed.push_back(box.box_mm);
  const RealLungs lungs(phantom.volume, closed, options.seed, options.threads);
  phantom.lungs = lungs.mask();
  Findings findings;
  if (options.lesions) findings = draw_findings(lungs, phantom.findings, options.seed);

  const Geometry& geometry = phantom.volume.geometry;
  const auto pixel = static_cast<float>(geometry.spacing[1]);
  Random random(options.seed, "background");
  Scanner scanner = draw_scanner(options.seed, options.acquisition);
  const auto soften = static_cast<float>(random.chance(0.5) ? random.uniform(0.2, 0.7) : 0);
  scanner.noise = static_cast<float>(options.acquisition.noise.value_or(random.uniform(0, 12)));
  const auto plane = geometry.shape[1] * geometry.shape[2];
  phantom.lesions.resize(geometry.voxels());
  std::vector<std::int16_t> scanned(geometry.voxels());
  for_slices(geometry.shape[0], options.threads, progress, [&](std::int64_t z) {
    const RealLungs::Growth growth = lungs.grow(findings, z);
    const auto before = phantom.volume.hu.begin() + z * plane;
    std::vector<float> image(before, before + plane);
    blur(image, geometry.shape[1], geometry.shape[2], soften / pixel);
    const std::vector<float> noise = scanner_noise(scanner, geometry, z);
    for (std::int64_t i = 0; i < plane; ++i) {
      const std::int16_t was = before[i];
      const float value = std::clamp(image[i] + growth.hu[i] + noise[i], -1024.F, 3071.F);
      scanned[z * plane + i] = was <= -1024 ? was : static_cast<std::int16_t>(std::lround(value));
    }
    std::copy(growth.lesions.begin(), growth.lesions.end(), phantom.lesions.begin() + z * plane);
  });
  phantom.volume.hu = std::move(scanned);
  describe(phantom, findings.lesions);
}

}  // namespace

Phantom make_phantom(const PhantomOptions& options, const Progress& progress) {
  Phantom phantom;
  phantom.findings = options.findings.value_or(draw_case(options.seed));
  phantom.recipe = options.recipe;
  (options.background ? grow_in_background : make_patient)(phantom, options, progress);
  return phantom;
}

}  // namespace pleura::phantom
