#include "phantom/background.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/distance_transform.hpp"
#include "phantom/blur.hpp"
#include "phantom/random.hpp"
#include "phantom/raster.hpp"

namespace pleura::phantom {

namespace {

namespace fs = std::filesystem;

constexpr double grid_mm = 2;            // lung surfaces are smooth enough for distances this far apart
constexpr float tissue_hu = 40;          // of vessels, which findings do not cover
constexpr float point_spread_mm = 0.5F;  // findings are no sharper than the scanner's own picture

std::vector<KnownBox> read_known(const fs::path& file) {
  std::vector<KnownBox> known;
  if (!fs::exists(file)) return known;
  try {
    const auto truth = nlohmann::json::parse(std::ifstream(file));
    for (const auto& box : truth.at("boxes")) {
      known.push_back({box.at("label"), {box.at("box_mm").at("low"), box.at("box_mm").at("high")}});
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(Status::input_refused, file.string() + ": expected boxes with label and box_mm, found " + error.what());
  }
  return known;
}

}  // namespace

std::shared_ptr<const Background> read_background(const fs::path& ct) {
  const fs::path clean = fs::absolute(ct).lexically_normal();
  const fs::path folder = clean.has_filename() ? clean.parent_path() : clean.parent_path().parent_path();
  return std::make_shared<const Background>(Background{ct.string(), read_ct(ct), read_known(folder / "truth.json")});
}

Volume thicker(const Volume& volume, std::int64_t factor) {
  if (factor <= 1) return volume;
  Volume out;
  out.geometry = volume.geometry;
  out.geometry.shape[0] /= factor;
  out.geometry.spacing[0] *= static_cast<double>(factor);
  out.geometry.origin = volume.geometry.to_world({0.5 * static_cast<double>(factor - 1), 0, 0});
  const std::int64_t plane = out.geometry.shape[1] * out.geometry.shape[2];
  out.hu.resize(out.geometry.voxels());
  for (std::int64_t i = 0; i < out.geometry.voxels(); ++i) {
    const std::int16_t* first = volume.hu.data() + i / plane * factor * plane + i % plane;
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < factor; ++k) sum += first[k * plane];
    out.hu[i] = static_cast<std::int16_t>(std::lround(static_cast<double>(sum) / static_cast<double>(factor)));
  }
  return out;
}

RealLungs::RealLungs(const Volume& volume, const std::vector<WorldBox>& closed, std::uint64_t seed, int threads)
    : volume_(volume), lungs_(screening::find_lungs(volume, threads)), open_(lungs_.mask) {
  frame_ = volume.geometry;
  frame_.origin = {};
  frame_.direction = Geometry{}.direction;
  const Index3& shape = frame_.shape;
  Index3 low = shape, high{};
  std::int64_t i = 0;
  for (std::int64_t z = 0; z < shape[0]; ++z) {
    for (std::int64_t y = 0; y < shape[1]; ++y) {
      for (std::int64_t x = 0; x < shape[2]; ++x, ++i) {
        if (open_[i] == 0) continue;
        const Index3 at{z, y, x};
        const Point3 world = volume.geometry.to_world({double(z), double(y), double(x)});
        for (const WorldBox& box : closed) {
          bool within = true;
          for (int axis = 0; axis < 3; ++axis) within &= world[axis] >= box.low[axis] && world[axis] <= box.high[axis];
          if (within) open_[i] = 0;
        }
        for (int axis = 0; axis < 3; ++axis) {
          low[axis] = std::min(low[axis], at[axis]);
          high[axis] = std::max(high[axis], at[axis]);
        }
      }
    }
  }
  const auto place = [&](const Index3& at) {
    return Vec3{static_cast<float>(double(at[2]) * frame_.spacing[2]),
                static_cast<float>(double(at[1]) * frame_.spacing[1]),
                static_cast<float>(double(at[0]) * frame_.spacing[0])};
  };
  bounds_ = {place(low), place(high)};
  measure_distances(threads);
  measure_parenchyma();
  place_stations(seed);
}

void RealLungs::measure_distances(int threads) {
  grid_ = frame_;
  Index3 stride;
  std::array<std::int64_t, 3> micrometres;
  for (int axis = 0; axis < 3; ++axis) {
    stride[axis] = std::max<std::int64_t>(1, std::lround(grid_mm / frame_.spacing[axis]));
    grid_.shape[axis] = (frame_.shape[axis] + stride[axis] - 1) / stride[axis];
    grid_.spacing[axis] = frame_.spacing[axis] * static_cast<double>(stride[axis]);
    micrometres[axis] = std::lround(1e3 * grid_.spacing[axis]);
  }
  std::vector<std::uint8_t> inside(grid_.voxels()), outside(grid_.voxels());
  std::int64_t i = 0;
  for (std::int64_t z = 0; z < grid_.shape[0]; ++z) {
    for (std::int64_t y = 0; y < grid_.shape[1]; ++y) {
      for (std::int64_t x = 0; x < grid_.shape[2]; ++x, ++i) {
        const bool lung =
            open_[(z * stride[0] * frame_.shape[1] + y * stride[1]) * frame_.shape[2] + x * stride[2]] != 0;
        inside[i] = lung ? 1 : 0;
        outside[i] = lung ? 0 : 1;
      }
    }
  }
  const auto to_lung = kernels::squared_distances(inside, grid_.shape, micrometres, threads);
  const auto to_outside = kernels::squared_distances(outside, grid_.shape, micrometres, threads);
  const auto half = static_cast<float>(0.5 * grid_.spacing[2]);  // the surface lies between voxels' centres
  distance_.resize(grid_.voxels());
  for (std::size_t k = 0; k < distance_.size(); ++k) {
    const auto away = static_cast<float>(1e-3 * std::sqrt(static_cast<double>(inside[k] ? to_outside[k] : to_lung[k])));
    distance_[k] = inside[k] ? half - away : away - half;
  }
}

float RealLungs::lung_at(Vec3 p) const {
  const double at[3] = {p.z / grid_.spacing[0], p.y / grid_.spacing[1], p.x / grid_.spacing[2]};
  std::int64_t cell[3];
  float t[3];
  for (int axis = 0; axis < 3; ++axis) {
    const double last = static_cast<double>(grid_.shape[axis] - 1);
    const double held = std::clamp(at[axis], 0.0, last);
    cell[axis] = std::min(static_cast<std::int64_t>(held), std::max<std::int64_t>(grid_.shape[axis] - 2, 0));
    t[axis] = static_cast<float>(held - static_cast<double>(cell[axis]));
  }
  const auto value = [&](int dz, int dy, int dx) {
    const std::int64_t z = std::min(cell[0] + dz, grid_.shape[0] - 1), y = std::min(cell[1] + dy, grid_.shape[1] - 1);
    return distance_[(z * grid_.shape[1] + y) * grid_.shape[2] + std::min(cell[2] + dx, grid_.shape[2] - 1)];
  };
  const auto plane = [&](int dz) {
    return lerp(lerp(value(dz, 0, 0), value(dz, 0, 1), t[2]), lerp(value(dz, 1, 0), value(dz, 1, 1), t[2]), t[1]);
  };
  return lerp(plane(0), plane(1), t[0]);
}

bool RealLungs::costal(Vec3 p) const {
  const float slope = lung_at(p + Vec3{3, 0, 0}) - lung_at(p - Vec3{3, 0, 0});  // rises towards the nearest pleura
  const bool left = p.x > 0.5F * (bounds_.low.x + bounds_.high.x);
  return (left ? slope : -slope) > -2;
}

std::int64_t RealLungs::voxel(Vec3 p) const {
  const auto near = [&](float at, int axis) {
    return std::clamp<std::int64_t>(std::lround(at / frame_.spacing[axis]), 0, frame_.shape[axis] - 1);
  };
  return (near(p.z, 0) * frame_.shape[1] + near(p.y, 1)) * frame_.shape[2] + near(p.x, 2);
}

// The parenchyma's own density in front and behind: medians, which vessels hardly move.
void RealLungs::measure_parenchyma() {
  const auto median = [&](double from, double to) {
    std::vector<std::int16_t> values;
    const std::int64_t plane = frame_.shape[1] * frame_.shape[2];
    for (std::size_t i = 0; i < open_.size(); i += 7) {
      const std::int64_t row = static_cast<std::int64_t>(i) % plane / frame_.shape[2];
      const double y = static_cast<double>(row) * frame_.spacing[1];
      const double share = (y - bounds_.low.y) / std::max(1.F, bounds_.high.y - bounds_.low.y);
      if (open_[i] != 0 && share >= from && share < to && volume_.hu[i] < -500) values.push_back(volume_.hu[i]);
    }
    if (values.empty()) return -860.F;
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    return static_cast<float>(values[values.size() / 2]);
  };
  front_hu_ = median(0, 0.4);
  back_hu_ = median(0.6, 1);
}

// Bronchi run beside the arteries, from the hilum outwards: vessels within the inner lung stand for them.
void RealLungs::place_stations(std::uint64_t seed) {
  Random random(seed, "stations");
  constexpr float near_mm = 12, far_mm = 75;
  const Vec3 middle = (bounds_.low + bounds_.high) * 0.5F, size = bounds_.high - bounds_.low;
  for (const float side : {-1.F, 1.F}) {
    // Where the lung's inner face stands farthest out, at mid height: the hilum.
    Vec3 hilum = middle + Vec3{side * 0.1F * size.x, 0, 0};
    while (std::abs(hilum.x - middle.x) < 0.5F * size.x && lung_at(hilum) > -2) hilum.x += side;
    for (int attempt = 0; attempt < 20000; ++attempt) {
      const Vec3 p{middle.x + side * static_cast<float>(random.uniform(0, 0.5)) * size.x,
                   bounds_.low.y + static_cast<float>(random.uniform(0.2, 0.9)) * size.y,
                   bounds_.low.z + static_cast<float>(random.uniform(0.15, 0.8)) * size.z};
      const float away = length(p - hilum);
      if (away < near_mm || away > far_mm || lung_at(p) > -6 || volume_.hu[voxel(p)] < -500) continue;
      stations_.push_back({p, normalized(p - hilum), lerp(2.6F, 0.6F, away / far_mm)});
    }
  }
  if (stations_.empty()) stations_.push_back({middle, {0, 0, -1}, 1.5F});
}

RealLungs::Growth RealLungs::grow(const Findings& findings, std::int64_t z) const {
  const Plane plane(frame_);
  const std::int64_t pixels = plane.rows * plane.columns;
  const auto thickness = static_cast<float>(frame_.spacing[0]);
  const auto middle = static_cast<float>(static_cast<double>(z) * frame_.spacing[0]);
  Growth growth{std::vector<float>(pixels, 0), std::vector<std::uint8_t>(pixels, 0)};
  const auto concerns = [&](const Lesion& lesion) {
    return std::abs(middle - lesion.centre.z) < lesion.reach() + thickness;
  };
  if (std::none_of(findings.lesions.begin(), findings.lesions.end(), concerns)) return growth;

  const std::int16_t* hu = volume_.hu.data() + z * pixels;
  const std::uint8_t* open = open_.data() + z * pixels;
  std::vector<float> smooth(hu, hu + pixels);
  blur(smooth, plane.rows, plane.columns, 0.8F / plane.pixel);  // vessels stay, noise goes
  const auto parenchyma = [&](std::int64_t y) {
    const float at = static_cast<float>(y) * plane.step_y;
    return lerp(front_hu_, back_hu_,
                std::clamp((at - bounds_.low.y) / std::max(1.F, bounds_.high.y - bounds_.low.y), 0.F, 1.F));
  };
  const int layers = std::max(1, static_cast<int>(std::ceil(thickness / 2.5F)));
  std::vector<float> most(pixels, 0.4F);
  for (std::size_t k = 0; k < findings.lesions.size(); ++k) {
    const Lesion& lesion = findings.lesions[k];
    if (!concerns(lesion)) continue;
    const Window window = plane.window(lesion.centre, lesion.reach());
    for (std::int64_t y = window.y0; y < window.y1; ++y) {
      for (std::int64_t x = window.x0; x < window.x1; ++x) {
        const std::int64_t pixel = plane.index(y, x);
        if (open[pixel] == 0) continue;
        float density = 0, target = 0;
        for (int layer = 0; layer < layers; ++layer) {
          const float share = (static_cast<float>(layer) + 0.5F) / static_cast<float>(layers) - 0.5F;
          const Vec3 p = plane.point(y, x, middle + thickness * share);
          const float d = lesion.density(p, -lung_at(p));
          if (d <= 0) continue;
          density += d;
          target += d * lesion.hu_at(p);
        }
        if (density <= 0) continue;
        target /= density;
        density /= static_cast<float>(layers);
        // What air there is gives way; vessels, and the noise, stay as they are.
        const float air = parenchyma(y);
        const float vessel = std::clamp((smooth[pixel] - air) / (tissue_hu - air), 0.F, 1.F);
        growth.hu[pixel] += density * (target - air - growth.hu[pixel]) * (1 - vessel);
        if (density >= most[pixel]) {
          most[pixel] = density;
          growth.lesions[pixel] = static_cast<std::uint8_t>(k + 1);
        }
      }
    }
  }
  std::vector<float> lumen(pixels, 0);
  fill_tubes(
      plane, findings.air, middle, thickness, [](float) { return 0.F; }, lumen);
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    if (lumen[pixel] > 0 && growth.lesions[pixel] != 0) {
      growth.hu[pixel] += lumen[pixel] * (-985 - smooth[pixel] - growth.hu[pixel]);
    }
  }
  blur(growth.hu, plane.rows, plane.columns, point_spread_mm / plane.pixel);
  return growth;
}

}  // namespace pleura::phantom
