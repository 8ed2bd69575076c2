#pragma once
/// The slices of one series in order, the grid they form, and everything that is wrong with it.
#include <string>
#include <vector>

#include "scan/dicom_image.hpp"
#include "scan/orientation.hpp"

namespace pleura::scan {

inline constexpr int fewest_slices = 10;
/// A slice may lie this share of the spacing away from where even spacing puts it.
inline constexpr double most_uneven = 0.05;

/// One frame of one image of a series.
struct Slice {
  std::size_t image = 0, frame = 0;
  double along = 0;  ///< mm along the slices' normal
};

struct Stack {
  std::vector<Slice> slices;  ///< by rising position along the normal
  Grid grid;                  ///< valid where there are no faults
  std::vector<std::string>
      faults;  ///< each names file, found and expected; the most specific first, too few slices last
  std::vector<std::string> warnings;
};

/// Orders and checks a series by its headers. Spacing comes from positions, never from SliceThickness.
[[nodiscard]] Stack stack_slices(const std::vector<DicomImage>& images);

}  // namespace pleura::scan
