#pragma once
/// The pictures that a result folder holds. Each says whose it is in the words of `identity`.
#include "pleura/report.hpp"
#include "report/picture.hpp"

namespace pleura::report {

/// One region: its centre slice with the lungs' outline and its box, in the lung window and in the mediastinal one; the
/// coronal plane through its centre; its three images with their votes; label, confidence.
[[nodiscard]] Picture region_page(const Screening& screening, std::size_t region, const std::string& identity);

/// The case at a glance: a coronal projection through the lungs with all findings, coronal planes and axial slices
/// through the findings, as few as show each, then through irrelevant regions, then others spread over the lungs. A box
/// is drawn only where the plane cuts it. Up to 4 coronal planes and 12 slices.
[[nodiscard]] Picture montage_page(const Screening& screening, const std::string& identity);

}  // namespace pleura::report
