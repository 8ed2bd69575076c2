#pragma once
/// The stages of find_lungs, each on an instrument's volumes of bits (docs/lungs.md).
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/instrument.hpp"
#include "pleura/volume.hpp"
#include "screening/lungs.hpp"

namespace pleura::screening {

inline constexpr int air_below = -450;     ///< HU: about halfway between lung and soft tissue
inline constexpr int gas_below = -900;     ///< below nearly all of a breathing lung
inline constexpr int pocket_below = -950;  ///< below what lung as a whole measures even where it is destroyed
inline constexpr int padding_at_most = -1100;
inline constexpr int above_tracheal_air = 12;  ///< HU: gas in stomach, bowel and pleura, not the emptiest lung
inline constexpr double air_blur_mm = 0.75;
inline constexpr std::int64_t table_shell_um = 4000;  ///< half of what a table's or an arm rest's wall may measure

inline constexpr std::int64_t adult_width_um = 250'000;  ///< a narrower body is a child's
inline constexpr std::int64_t least_permille = 250;      ///< of that: no smaller body is known to be one

inline constexpr std::int64_t airway_speckle_um = 1200;  ///< gas narrower than twice this is noise
inline constexpr std::int64_t airway_wall_um = 2000;     ///< of partial volume around the lumen

inline constexpr std::int64_t closing_um = 8000;
inline constexpr std::int64_t least_cut_mm2 = 1000;    ///< a smaller cut through a lung gets no hull
inline constexpr std::int64_t most_hole_mm2 = 400;     ///< in one slice; larger ones may be the dome of the diaphragm
inline constexpr std::int64_t most_pocket_mm2 = 4000;  ///< between a lung and its hull
inline constexpr std::int64_t most_edge_um = 120'000;  ///< of the hull

/// What every stage needs to know of the volume.
struct LungGrid {
  Index3 shape{};
  std::array<std::int64_t, 3> spacing_um{};  ///< (z, y, x), rounded to micrometres
  std::int64_t permille = 1000;  ///< of an adult's size that the body has; spacing_um is its share larger than true

  [[nodiscard]] std::int64_t pixel_um2() const { return spacing_um[1] * spacing_um[2]; }
  /// Voxels of a slice in an area, at least one.
  [[nodiscard]] std::int64_t pixels(std::int64_t square_mm) const {
    return std::max<std::int64_t>(1, square_mm * 1'000'000 / pixel_um2());
  }
  /// Microlitres (cubic millimetres) of a number of voxels, rounded down.
  [[nodiscard]] std::int64_t microlitres(std::int64_t voxels) const {
    return voxels * (pixel_um2() * spacing_um[0] / 1000) / 1'000'000;
  }
  /// The least number of voxels that measures so many microlitres (> 0).
  [[nodiscard]] std::int64_t voxels(std::int64_t ul) const {
    const std::int64_t voxel = pixel_um2() * spacing_um[0] / 1000;
    return voxel == 0 ? std::numeric_limits<std::int64_t>::max() : (ul * 1'000'000 + voxel - 1) / voxel;
  }
  /// A disc of some radius in a slice.
  [[nodiscard]] kernels::Disc disc(std::int64_t radius_um) const {
    return kernels::make_disc(radius_um, spacing_um[1], spacing_um[2]);
  }
  /// True microlitres as microlitres() gives them, and back.
  [[nodiscard]] std::int64_t in_adult(std::int64_t ul) const {
    return ul * 1'000'000 / (permille * permille * permille / 1000);
  }
  [[nodiscard]] std::int64_t in_truth(std::int64_t adult_ul) const {
    return adult_ul * (permille * permille * permille / 1000) / 1'000'000;
  }
};

/// The blur before HU are compared.
[[nodiscard]] kernels::GaussianBlur air_blur(const LungGrid& grid);

/// Voxels that may be lung or airway.
struct AirBits {
  kernels::Bits air;     ///< blurred HU below the border of air and tissue, the air around the body taken away
  kernels::Bits gas;     ///< of these, so low that lung is seldom so: airways, bowel gas
  kernels::Bits pocket;  ///< of these, lower still: what no lung is at large
  kernels::Bits body;    ///< the body's convex hull in each slice
};

/// Blurs, thresholds, and takes away what lies around the body.
[[nodiscard]] AirBits find_air(kernels::Instrument& on, const kernels::Hu& hu, const LungGrid& grid);

/// The grid whose lengths make an adult of this body: a child's airways, lungs and the gaps between them are smaller in
/// proportion. The body's width is that of its widest cut.
[[nodiscard]] LungGrid in_adult_lengths(kernels::Instrument& on, const kernels::Bits& body, const LungGrid& grid);

/// Trachea and main bronchi with their walls' partial volume.
[[nodiscard]] kernels::Bits find_airways(kernels::Instrument& on, const AirBits& bits, const LungGrid& grid);

/// The highest median HU of what is air and no lung: a little above the air in the trachea. Where no airway is known,
/// all HU there are.
[[nodiscard]] int highest_air(kernels::Instrument& on, const kernels::Hu& hu, const kernels::Bits& airways,
                              const kernels::Bits& gas);

/// The candidates without stomach and bowel, where the diaphragm is too thin to part them from the lung: large pockets
/// of gas that reads as air, has more tissue than air around it, and no vessels in it. A bulla has lung around it.
[[nodiscard]] kernels::Bits remove_gas_pockets(kernels::Instrument& on, const kernels::Bits& candidates,
                                               const kernels::Hu& hu, const AirBits& bits, int air_at_most,
                                               const LungGrid& grid);

/// Air of the two lungs; either may be empty.
struct LungSides {
  kernels::Bits left, right;
};

/// Both lungs' air, the airways taken away. Throws Error(input_refused) where there is no plausible lung.
[[nodiscard]] LungSides choose_lungs(kernels::Instrument& on, const kernels::Hu& hu, const AirBits& bits,
                                     const kernels::Bits& airways, const LungGrid& grid);

/// Both lungs with what their air encloses or leans on: vessels, nodules, consolidation.
[[nodiscard]] LungSides complete_lungs(kernels::Instrument& on, const LungSides& lungs, const kernels::Bits& airways,
                                       const kernels::Bits& body, const LungGrid& grid);

/// The label mask, each slice's rectangle, and the summary.
[[nodiscard]] Lungs label_lungs(kernels::Instrument& on, const LungSides& sides, const Geometry& geometry);

}  // namespace pleura::screening
