#pragma once
/// A profile in each of its forms.
#include <string>

#include "api/profile/figures.hpp"

namespace pleura::api {

/// What is measured, and what follows from that for each network, in their order.
struct ProfileReport {
  Measured measured;
  std::vector<NetworkFigures> figures;
};

[[nodiscard]] std::string profile_table(const ProfileReport& report);
/// A line a layer, its units in the heading.
[[nodiscard]] std::string profile_csv(const ProfileReport& report);
/// docs/profile.schema.json.
[[nodiscard]] std::string profile_json(const ProfileReport& report);
/// Chrome's trace events, which Perfetto reads.
[[nodiscard]] std::string profile_trace(const Measured& measured);
/// One file that needs no other.
[[nodiscard]] std::string profile_html(const ProfileReport& report);

/// "1 x 128 x 112 x 160 x 1" with "x" as the sign between.
[[nodiscard]] std::string shape_text(const runtime::Shape& shape);

/// "1305 to 1980 MHz, at most 61 C and 412 W; clocks were held down by power".
[[nodiscard]] std::string gpu_text(const kernels::vendor::GpuState& gpu);
/// "12.3": in digits enough for what figures of a machine are worth.
[[nodiscard]] std::string number_text(double value, int decimals);

}  // namespace pleura::api
