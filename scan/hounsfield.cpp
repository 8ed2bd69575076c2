#include "scan/hounsfield.hpp"

#include <iterator>

#include "pleura/error.hpp"
#include "scan/text.hpp"

namespace pleura::scan {

bool names_hounsfield(const std::string& unit) {
  const std::string name = lower(unit);
  for (const auto* beginning : {"hounsfield", "houndsfield", "hounsfeld"})
    if (name.starts_with(beginning)) return true;
  for (const auto* whole : {"hu", "hus", "h.u.", "hu unit", "hu units"})
    if (name == whole) return true;
  return false;
}

namespace {

constexpr std::int16_t around_the_body = -700;  ///< above the noise of air

}  // namespace

void require_hounsfield(const Volume& volume, const std::string& name) {
  std::int64_t air = 0, tissue = 0, around = 0;
  std::int16_t low = std::numeric_limits<std::int16_t>::max(), high = std::numeric_limits<std::int16_t>::min();
  const auto is_body = [](std::int16_t value) { return value > around_the_body; };
  const std::int64_t width = volume.geometry.shape[2];
  for (auto row = volume.hu.begin(); row != volume.hu.end(); row += width) {
    const auto end = row + width, first = std::find_if(row, end, is_body);
    around += first - row;
    if (first != end)
      around +=
          std::find_if(std::reverse_iterator(end), std::reverse_iterator(first), is_body) - std::reverse_iterator(end);
    std::int32_t row_air = 0, row_tissue = 0;  // as narrow as a row allows: this is the reading path
    for (auto value = row; value != end; ++value) {
      row_air += *value <= -400 ? 1 : 0;
      row_tissue += (*value >= -200) & (*value <= 300) ? 1 : 0;
      low = std::min(low, *value);
      high = std::max(high, *value);
    }
    air += row_air;
    tissue += row_tissue;
  }
  const auto percent = [](std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  const auto all = static_cast<std::int64_t>(volume.hu.size());
  const double air_share = percent(air, all), tissue_share = percent(tissue, all - around);
  if (air_share < 1 || tissue_share < 5)
    throw Error(Status::input_refused,
                name + ": values are not HU: " + std::to_string(low) + " to " + std::to_string(high) + " with " +
                    number(air_share) + " % air and lung (up to -400, expected at least 1 %) and " +
                    number(tissue_share) + " % soft tissue (-200 to 300, expected at least 5 % of what is not air " +
                    "around the body)");
}

}  // namespace pleura::scan
