#include "phantom/render.hpp"

#include "phantom/noise.hpp"
#include "phantom/raster.hpp"

namespace pleura::phantom {

namespace {

constexpr float outside = -1000;

// Anatomy is evaluated on a grid this coarse (mm) and interpolated: distances are smooth, the edges they draw are
// sharp.
constexpr float coarse_mm = 2.3F;

struct Fields {
  Distances tissue;
  float mottle;  // unevenness of soft tissue, about -1..1
  float fissure;
};

class SliceRenderer {
 public:
  SliceRenderer(const Scene& scene, std::int64_t z)
      : scene_(scene),
        patient_(scene.anatomy.patient()),
        plane_(scene.geometry),
        thickness_(static_cast<float>(scene.geometry.spacing[0])),
        middle_(static_cast<float>(scene.geometry.origin[2] + static_cast<double>(z) * scene.geometry.spacing[0])),
        pixels_(plane_.rows * plane_.columns) {
    middle_ += patient_.breathing * value_noise(patient_.seed + 90, {0, 0, middle_}, 11);
    slice_.hu.assign(pixels_, 0);
    slice_.depth.assign(pixels_, 0);
    slice_.motion.assign(pixels_, 0);
    slice_.lungs.assign(pixels_, 0);
    slice_.lesions.assign(pixels_, 0);
    in_lung_.assign(pixels_, 0);
    near_lung_.assign(pixels_, 0);
  }

  Slice render() {
    parenchyma_.assign(pixels_, 0);
    const int layers = std::max(1, static_cast<int>(std::ceil(thickness_ / 3.1F)));
    densities_.assign(scene_.findings.lesions.size(), {});
    for (int layer = 0; layer < layers; ++layer) {
      const float z = middle_ + thickness_ * ((static_cast<float>(layer) + 0.5F) / static_cast<float>(layers) - 0.5F);
      paint_layer(z, 1.F / static_cast<float>(layers));
    }
    label();
    draw_tubes();
    return std::move(slice_);
  }

 private:
  // The same through the slice's thickness, so it is worked out once, where there is lung.
  float parenchyma(std::int64_t y, std::int64_t x) {
    float& value = parenchyma_[plane_.index(y, x)];
    if (value == 0) {
      const Vec3 p = plane_.point(y, x, middle_);
      value = patient_.lung + patient_.gradient * (p.y / (200 * patient_.size_y));
      value += patient_.mottle * value_noise(patient_.seed + 50, p, 38);
      value += 24 * value_noise(patient_.seed + 51, p, 3.2F) + 11 * value_noise(patient_.seed + 52, p, 9);
      if (!scene_.emphysema.is_none()) value = scene_.emphysema.hu_at(p, value);
    }
    return value;
  }

  void paint_layer(float z, float weight) {
    const int stride = std::max(1, static_cast<int>(std::lround(coarse_mm / plane_.pixel)));
    const auto cells_y = (plane_.rows + stride - 1) / stride, cells_x = (plane_.columns + stride - 1) / stride;
    std::vector<Fields> grid((cells_y + 1) * (cells_x + 1));
    for (std::int64_t j = 0; j <= cells_y; ++j) {
      for (std::int64_t i = 0; i <= cells_x; ++i) {
        const Vec3 p = plane_.point(j * stride, i * stride, z);
        Fields& fields = grid[j * (cells_x + 1) + i];
        fields.tissue = scene_.anatomy.at(p);
        const bool within = fields.tissue[body] < 5;
        fields.mottle = within ? fractal_noise(patient_.seed + 60, p, 24, 2) : 0;
        fields.fissure = fields.tissue[lung] < 5 ? scene_.anatomy.fissure_at(p) : 1e3F;
      }
    }
    std::vector<float> air(pixels_);
    layer_lung_.assign(pixels_, 1e3F);
    for (std::int64_t j = 0; j < cells_y; ++j) {
      for (std::int64_t i = 0; i < cells_x; ++i) interpolate_lung(grid, cells_x, stride, j, i, air);
    }
    add_lesions(z, weight, air);
    for (std::int64_t j = 0; j < cells_y; ++j) {
      for (std::int64_t i = 0; i < cells_x; ++i) paint_cell(grid, cells_x, stride, j, i, weight, air);
    }
  }

  struct Cell {
    const Fields *a, *b, *c, *d;
    std::int64_t y0, y1, x0, x1;
    float inverse;
    template <typename Get>
    [[nodiscard]] float at(Get get, std::int64_t y, std::int64_t x) const {
      const float u = static_cast<float>(x - x0) * inverse, v = static_cast<float>(y - y0) * inverse;
      return lerp(lerp(get(*a), get(*b), u), lerp(get(*c), get(*d), u), v);
    }
  };

  Cell cell(const std::vector<Fields>& grid, std::int64_t cells_x, int stride, std::int64_t j, std::int64_t i) const {
    const Fields* corner = grid.data() + j * (cells_x + 1) + i;
    return {corner,
            corner + 1,
            corner + cells_x + 1,
            corner + cells_x + 2,
            j * stride,
            std::min<std::int64_t>((j + 1) * stride, plane_.rows),
            i * stride,
            std::min<std::int64_t>((i + 1) * stride, plane_.columns),
            1.F / static_cast<float>(stride)};
  }

  static bool within_reach(const Cell& c, Tissue tissue, float distance) {
    return std::min({c.a->tissue[tissue], c.b->tissue[tissue], c.c->tissue[tissue], c.d->tissue[tissue]}) < distance;
  }

  // Distances to the lungs at full resolution, which the lesions need, and the fissures.
  void interpolate_lung(const std::vector<Fields>& grid, std::int64_t cells_x, int stride, std::int64_t j,
                        std::int64_t i, std::vector<float>& air) {
    const Cell c = cell(grid, cells_x, stride, j, i);
    if (!within_reach(c, lung, 12)) return;
    for (std::int64_t y = c.y0; y < c.y1; ++y) {
      for (std::int64_t x = c.x0; x < c.x1; ++x) {
        const auto pixel = plane_.index(y, x);
        layer_lung_[pixel] = c.at([](const Fields& f) { return f.tissue[lung]; }, y, x);
        // The heart's beat carries the lung beside it along.
        const float heart = c.at([](const Fields& f) { return f.tissue[blood]; }, y, x);
        slice_.motion[pixel] = patient_.pulse * smoothstep(20, 2, heart);
        if (layer_lung_[pixel] > 2 * plane_.pixel) continue;
        air[pixel] = parenchyma(y, x);
        const float fissure = c.at([](const Fields& f) { return f.fissure; }, y, x);
        if (std::abs(fissure) < 3) air[pixel] += 260 * std::exp(-fissure * fissure);
      }
    }
  }

  void add_lesions(float z, float weight, std::vector<float>& air) {
    for (std::size_t k = 0; k < scene_.findings.lesions.size(); ++k) {
      const Lesion& lesion = scene_.findings.lesions[k];
      const float reach = lesion.reach();
      if (std::abs(z - lesion.centre.z) > reach) continue;
      auto& density = densities_[k];
      const Window window = plane_.window(lesion.centre, reach);
      for (std::int64_t y = window.y0; y < window.y1; ++y) {
        for (std::int64_t x = window.x0; x < window.x1; ++x) {
          const auto pixel = plane_.index(y, x);
          if (layer_lung_[pixel] > 1) continue;
          const Vec3 p = plane_.point(y, x, z);
          const float d = lesion.density(p, -layer_lung_[pixel]);
          if (d <= 0) continue;
          air[pixel] = lerp(air[pixel], lesion.hu_at(p), d);
          if (density.empty()) density.assign(pixels_, 0);
          density[pixel] += weight * d;
        }
      }
    }
  }

  void paint_cell(const std::vector<Fields>& grid, std::int64_t cells_x, int stride, std::int64_t j, std::int64_t i,
                  float weight, const std::vector<float>& air) {
    const Cell c = cell(grid, cells_x, stride, j, i);
    const float edge = plane_.pixel;
    float paint[64];
    const int width = static_cast<int>(c.x1 - c.x0);
    const auto each = [&](auto&& body_of_loop) {
      int n = 0;
      for (std::int64_t y = c.y0; y < c.y1; ++y) {
        for (std::int64_t x = c.x0; x < c.x1; ++x, ++n) body_of_loop(n, y, x);
      }
    };
    std::fill_n(paint, width * (c.y1 - c.y0), outside);
    const auto layer = [&](Tissue tissue, float offset, auto&& hu) {
      if (!within_reach(c, tissue, edge - offset)) return;
      each([&](int n, std::int64_t y, std::int64_t x) {
        const float d = c.at([&](const Fields& f) { return f.tissue[tissue]; }, y, x) + offset;
        const float share = std::clamp(0.5F - d / edge, 0.F, 1.F);
        if (share > 0) {
          const float mottle = c.at([](const Fields& f) { return f.mottle; }, y, x);
          paint[n] = lerp(paint[n], hu(mottle, plane_.index(y, x)), share);
        }
      });
    };
    const auto plain = [](float hu, float unevenness) {
      return [=](float mottle, std::int64_t) { return hu + unevenness * mottle; };
    };
    layer(table, 0, plain(40, 0));
    layer(body, 0, plain(-15, 0));  // skin
    layer(body, 1.8F, plain(-102, 12));
    // Muscle, marbled with fat.
    layer(muscle, 0,
          [](float mottle, std::int64_t) { return lerp(-90, 54, smoothstep(0.01F, 0.08F, std::abs(mottle + 0.12F))); });
    layer(cavity, -2.5F, plain(48, 6));
    layer(cavity, 0.5F, plain(-92, 10));
    layer(liver, 0, plain(56, 4));
    layer(spleen, 0, plain(48, 4));
    layer(stomach, 0, plain(38, 4));
    layer(stomach, 3, plain(12, 60));
    layer(soft, 0, plain(38, 4));
    layer(blood, 0, plain(40, 4));
    layer(blood, 1.5F, plain(patient_.blood, 3));
    layer(gas, 0, plain(-960, 0));
    layer(cartilage, 0, plain(105, 25));
    layer(bone, 0, plain(480, 120));
    layer(bone, 2.2F, plain(170, 110));
    layer(lung, 0, [&](float, std::int64_t pixel) { return air[pixel]; });
    each([&](int n, std::int64_t y, std::int64_t x) {
      const auto pixel = plane_.index(y, x);
      slice_.hu[pixel] += weight * paint[n];
      slice_.depth[pixel] -= weight * c.at([](const Fields& f) { return f.tissue[body]; }, y, x);
      const float d = layer_lung_[pixel];
      in_lung_[pixel] += weight * std::clamp(0.5F - d / edge, 0.F, 1.F);
      near_lung_[pixel] += weight * std::clamp(1 - (d - 3) / 6, 0.F, 1.F);
    });
  }

  void label() {
    const float axis = 0;
    for (std::int64_t y = 0; y < plane_.rows; ++y) {
      for (std::int64_t x = 0; x < plane_.columns; ++x) {
        const auto pixel = plane_.index(y, x);
        if (in_lung_[pixel] < 0.5F) continue;
        slice_.lungs[pixel] = scene_.anatomy.to_average(plane_.point(y, x, middle_)).x > axis ? 1 : 2;
        float most = 0.4F;
        for (std::size_t k = 0; k < densities_.size(); ++k) {
          if (densities_[k].empty() || densities_[k][pixel] < most) continue;
          most = densities_[k][pixel];
          slice_.lesions[pixel] = static_cast<std::uint8_t>(k + 1);
        }
      }
    }
  }

  // No vessels run through a bulla.
  void clear_bullae() {
    for (std::int64_t y = 0; y < plane_.rows; ++y) {
      for (std::int64_t x = 0; x < plane_.columns; ++x) {
        float& near_lung = near_lung_[plane_.index(y, x)];
        if (near_lung > 0) near_lung *= 1 - scene_.emphysema.bulla_at(plane_.point(y, x, middle_));
      }
    }
  }

  void draw_tubes() {
    std::vector<float> share(pixels_, 0);
    if (!scene_.emphysema.is_none()) clear_bullae();
    const auto mixed = [&](float hu, bool lungs_only) {
      for (std::int64_t pixel = 0; pixel < pixels_; ++pixel) {
        const float part = share[pixel] * (lungs_only ? near_lung_[pixel] : 1);
        if (part > 0) slice_.hu[pixel] = lerp(slice_.hu[pixel], hu, part);
        share[pixel] = 0;
      }
    };
    fill_tubes(
        plane_, scene_.trees.vessels, middle_, thickness_, [](float) { return 0.F; }, share);
    mixed(std::max(patient_.blood, 40.F), true);
    const auto wall = [](float r) { return wall_thickness(r); };
    fill_tubes(plane_, scene_.trees.bronchi, middle_, thickness_, wall, share);
    mixed(-20, false);
    fill_tubes(
        plane_, scene_.trees.bronchi, middle_, thickness_, [](float) { return 0.F; }, share);
    fill_tubes(
        plane_, scene_.findings.air, middle_, thickness_, [](float) { return 0.F; }, share);
    mixed(-985, false);
  }

  const Scene& scene_;
  const Patient& patient_;
  Plane plane_;
  float thickness_, middle_;
  std::int64_t pixels_;
  Slice slice_;
  std::vector<float> parenchyma_, layer_lung_, in_lung_, near_lung_;
  std::vector<std::vector<float>> densities_;  // per finding, where the slice holds any of it
};

}  // namespace

Slice render_slice(const Scene& scene, std::int64_t z) { return SliceRenderer(scene, z).render(); }

}  // namespace pleura::phantom
