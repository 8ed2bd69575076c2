#pragma once
/// A chest made of ellipses, with all that a lung region must and must not hold: for tests of lungs and sampling.
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura::test {

/// Points are mm (x to the left, y to the back, z up) from the middle of the chest at its lower end.
struct Spot {
  double x = 0, y = 0, z = 0, radius = 0;
  int hu = 0;
  [[nodiscard]] bool holds(double px, double py, double pz) const {
    return std::hypot(px - x, py - y, pz - z) <= radius;
  }
};

struct ChestOptions {
  std::array<double, 3> spacing{5, 2.5, 2.5};
  double low_z = 0, high_z = 240, half_x = 190, low_y = -150, high_y = 190;  ///< what of the chest is seen
  bool has_left = true, has_right = true;
  int lung_hu = -850, padding_hu = -1000, noise = 40;
  double gap = 24;            ///< between the lungs in front of the heart, mm
  std::vector<Spot> lesions;  ///< balls that belong to the lung where they overlap its ellipse
  std::vector<Spot> others;   ///< balls of anything else, painted last
};

/// Emphysema, in a field of view that cuts the lungs.
inline ChestOptions emphysematous_and_cut(ChestOptions options) {
  options.lung_hu = -925;
  options.half_x = 125;
  options.low_y = -80;
  options.high_y = 80;
  return options;
}

struct Chest {
  Volume volume;
  std::vector<std::uint8_t> truth;    ///< 0, 1 left, 2 right
  std::vector<std::uint8_t> lesions;  ///< 1 + the lesion's number, where it lies in a lung
  std::vector<std::uint8_t> airway;   ///< 1 in trachea and main bronchi, up to where these enter the lungs
  std::vector<std::uint8_t> others;   ///< 1 in others, and in the table
};

inline Chest make_chest(const ChestOptions& options) {
  Chest chest;
  Geometry& geometry = chest.volume.geometry;
  const auto count = [](double low, double high, double step) {
    return static_cast<std::int64_t>(std::floor((high - low) / step));
  };
  geometry.spacing = options.spacing;
  geometry.shape = {count(options.low_z, options.high_z, options.spacing[0]),
                    count(options.low_y, options.high_y, options.spacing[1]),
                    count(-options.half_x, options.half_x, options.spacing[2])};
  geometry.origin = {-options.half_x, options.low_y, options.low_z};
  const auto ellipse = [](double x, double y, double half_x, double half_y) {
    return std::hypot(x / half_x, y / half_y) <= 1;
  };
  std::uint32_t random = 1;
  for (std::int64_t k = 0; k < geometry.shape[0]; ++k)
    for (std::int64_t j = 0; j < geometry.shape[1]; ++j)
      for (std::int64_t i = 0; i < geometry.shape[2]; ++i) {
        const auto [x, y, z] =
            geometry.to_world({static_cast<double>(k), static_cast<double>(j), static_cast<double>(i)});
        const double profile = std::sqrt(std::max(0.0, 1 - std::pow((z - 120) / 100, 2)));
        const auto in_lung = [&](double side) {
          return z > 20 && z < 220 && side * x > options.gap / 2 &&
                 ellipse(side * x - 72, y - 5, 66 * profile, 92 * profile);
        };
        int hu = -1000;
        std::uint8_t truth = 0, lesion = 0, airway = 0, other = 0;
        if (ellipse(x, y, 172, 125)) hu = 40;
        if (options.has_left && in_lung(1)) truth = 1;
        if (options.has_right && in_lung(-1)) truth = 2;
        if (std::hypot(x - 20, y + 25, z - 90) < 52) truth = 0;  // the heart
        if (std::hypot(x, y - 75) < 24) truth = 0;               // the spine
        const double bronchus = 150 - z;                         // mm below the carina
        if (z > 150 ? std::hypot(x, y - 20) < 9 : bronchus < 40 && std::hypot(std::abs(x) - bronchus * 0.9, y - 20) < 6)
          airway = 1;
        const double wall = z > 150         ? std::hypot(x, y - 20)
                            : bronchus < 40 ? std::hypot(std::abs(x) - bronchus * 0.9, y - 20) + 3
                                            : 99;
        if (wall < 13 && bronchus < 25) truth = 0;
        if (truth != 0) {
          hu = options.lung_hu;
          for (std::size_t n = 0; n < options.lesions.size(); ++n)
            if (options.lesions[n].holds(x, y, z)) {
              hu = options.lesions[n].hu;
              lesion = static_cast<std::uint8_t>(n + 1);
            }
        }
        if (std::hypot(x, y - 75) < 20) hu = 300;
        if (airway != 0) hu = -1000;
        if (y > 135 && y < 165 && std::abs(x) < 160) {
          hu = y < 138 || y > 162 ? -100 : -900;  // a table of foam
          other = 1;
        }
        for (const Spot& spot : options.others)
          if (spot.holds(x, y, z)) {
            hu = spot.hu;
            truth = 0;
            other = 1;
          }
        random = random * 1664525U + 1013904223U;
        if (hu > -1000 && options.noise > 0)
          hu += static_cast<int>(random >> 16) % (2 * options.noise + 1) - options.noise;
        if (options.padding_hu < -1000 && std::hypot(x, y - 20) > 178) hu = options.padding_hu;
        chest.volume.hu.push_back(static_cast<std::int16_t>(hu));
        chest.truth.push_back(truth);
        chest.lesions.push_back(lesion);
        chest.airway.push_back(bronchus < 25 ? airway : 0);
        chest.others.push_back(other);
      }
  return chest;
}

/// Share of the voxels where `what` is set that satisfy `is_so(i)`; -1 where there are none.
inline double share(const std::vector<std::uint8_t>& what, const std::function<bool(std::size_t)>& is_so) {
  double all = 0, so = 0;
  for (std::size_t i = 0; i < what.size(); ++i)
    if (what[i] != 0) {
      ++all;
      so += is_so(i) ? 1 : 0;
    }
  return all > 0 ? so / all : -1;
}

/// Dice of the voxels that read `label`; of all that are not 0 for label 0.
inline double dice(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b, int label) {
  double both = 0, sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool in_a = label == 0 ? a[i] != 0 : a[i] == label, in_b = label == 0 ? b[i] != 0 : b[i] == label;
    both += in_a && in_b ? 1 : 0;
    sum += (in_a ? 1 : 0) + (in_b ? 1 : 0);
  }
  return sum > 0 ? 2 * both / sum : 1;
}

}  // namespace pleura::test
