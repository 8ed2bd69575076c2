#pragma once
/// The pictures that a result folder holds.
#include "pleura/pleura.hpp"
#include "report/picture.hpp"

namespace pleura::report {

/// One region: its centre slice with the lungs' outline and its box; its three images with their votes; label,
/// confidence.
[[nodiscard]] Picture region_page(const Screening& screening, std::size_t region);

/// The case at a glance: a coronal slice with all boxes, and axial slices of up to 12 regions, filled up to 6 with
/// slices spread over the lungs, which are all there is where no region was found.
[[nodiscard]] Picture montage_page(const Screening& screening);

}  // namespace pleura::report
