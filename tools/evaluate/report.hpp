#pragma once
/// An evaluation as a table, as evaluation.json (docs/evaluation.md) and as pictures.
#include <string>

#include "evaluate/figures.hpp"
#include "report/picture.hpp"

namespace pleura::evaluate {

[[nodiscard]] std::string to_table(const Figures& figures);
[[nodiscard]] std::string to_json(const Figures& figures);

/// Sensitivity against false positives a CT, on a scale to 16.
[[nodiscard]] report::Picture draw_froc(const Figures& figures);
/// M2's cases: true against false positive rate of each class.
[[nodiscard]] report::Picture draw_roc(const Figures& figures);
/// Share of cases that are right against the score exported for them.
[[nodiscard]] report::Picture draw_calibration(const Figures& figures);

}  // namespace pleura::evaluate
