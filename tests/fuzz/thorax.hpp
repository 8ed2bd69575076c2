#pragma once
/// The smallest CT that has lungs, and networks that are done with it in milliseconds.
#include <cstdint>
#include <filesystem>

#include "pleura/volume.hpp"
#include "tests/weights/small_models.hpp"

namespace pleura::fuzz {

/// Two ellipsoids of air in an elliptic cylinder of water, in voxels of 10 mm.
inline Volume thorax() {
  Volume volume;
  volume.geometry = {.shape = {30, 28, 40}, .spacing = {10, 10, 10}};
  const auto& shape = volume.geometry.shape;
  const auto inside = [](double z, double y, double x) { return z * z + y * y + x * x < 1; };
  for (std::int64_t z = 0; z < shape[0]; ++z)
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x) {
        const double dz = static_cast<double>(z) - 15, dy = static_cast<double>(y) - 14,
                     dx = static_cast<double>(x) - 20;
        const bool body = inside(0, dy / 12, dx / 17),
                   lung = inside(dz / 11, dy / 7, (dx - 7) / 5) || inside(dz / 11, dy / 7, (dx + 7) / 5);
        volume.hu.push_back(static_cast<std::int16_t>(lung ? -850 : body ? 30 : -1000));
      }
  return volume;
}

/// A segmenter on a grid of 10 mm and both classifiers, all narrow.
inline void write_small_weights(const std::filesystem::path& file) {
  auto model = weights::test::small_model();
  model.segmenter->settings.spacing_mm = {10, 10, 10};
  model.segmenter->settings.threshold = 0;
  model.segmenter->settings.max_regions = 2;
  weights::write_model(model, file, false);
}

}  // namespace pleura::fuzz
