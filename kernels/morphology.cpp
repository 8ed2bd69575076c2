#include "kernels/morphology.hpp"

namespace pleura::kernels {

Disc make_disc(std::int64_t radius_um, std::int64_t spacing_y_um, std::int64_t spacing_x_um) {
  Disc disc;
  for (std::int64_t dy = 0; dy * spacing_y_um <= radius_um; ++dy) {
    const std::int64_t left = radius_um * radius_um - dy * dy * spacing_y_um * spacing_y_um;
    std::int64_t dx = 0;
    while ((dx + 1) * (dx + 1) * spacing_x_um * spacing_x_um <= left) ++dx;
    disc.half_widths.push_back(dx);
  }
  return disc;
}

}  // namespace pleura::kernels
