#pragma once
/// Evaluates weights on a cohort, CT by CT, so that a run can be stopped, resumed and shared out.
#include <filesystem>
#include <optional>
#include <vector>

#include "pleura/pleura.hpp"

namespace pleura::evaluate {

/// Part `index` (from 1) of `of`: rows index, index + of, ...
struct Shard {
  int index = 1, of = 1;
};

struct Request {
  std::filesystem::path cohort, weights, out;
  std::optional<Shard> shard;  ///< screens this part alone and makes no figures
  bool merge = false;          ///< makes the figures of finished CTs and screens none
  EngineOptions engine;
  ScreenOptions screen;
  std::vector<std::string> problems;  ///< to fill: one line for each CT that was refused
};

/// Writes out/cts/NNNN.json for each row that has none yet, then out/evaluation.json, froc.png, roc.png and
/// calibration.png, each under a temporary name, then renamed. Returns the table; of a shard, what it did. Throws usage
/// where `out` holds records of another cohort, other weights or another setting, or where a merge misses CTs.
[[nodiscard]] std::string evaluate(Request& request, const Progress& progress);

}  // namespace pleura::evaluate
