#include "scan/hounsfield.hpp"

#include "pleura/error.hpp"
#include "scan/text.hpp"

namespace pleura::scan {

void require_hounsfield(std::span<const std::int16_t> values, const std::string& name) {
  std::int64_t air = 0, tissue = 0;
  std::int16_t low = std::numeric_limits<std::int16_t>::max(), high = std::numeric_limits<std::int16_t>::min();
  for (const std::int16_t value : values) {
    air += value <= -400;
    tissue += value >= -200 && value <= 300;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const auto percent = [&](std::int64_t count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(values.size());
  };
  if (values.empty() || percent(air) < 1 || percent(tissue) < 5)
    throw Error(Status::input_refused, name + ": values are not HU: " + std::to_string(low) + " to " +
                                           std::to_string(high) + " with " + number(values.empty() ? 0 : percent(air)) +
                                           " % air and lung (up to -400, expected at least 1 %) and " +
                                           number(values.empty() ? 0 : percent(tissue)) +
                                           " % soft tissue (-200 to 300, expected at least 5 %)");
}

}  // namespace pleura::scan
