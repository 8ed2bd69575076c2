#pragma once
/// Detection as LUNA16 measures it: the share of lesions that some proposal hits, against false proposals a CT.
#include <vector>

#include "evaluate/record.hpp"
#include "evaluate/statistics.hpp"

namespace pleura::evaluate {

/// Lesions to find. A proposal that hits a lesion of another kind, or one to be ignored, is no false positive; a second
/// one on the same lesion neither.
enum class Targets { infected, all };

struct Froc {
  std::vector<CurvePoint> curve;  ///< false positives a CT, sensitivity; by falling threshold
  std::int64_t lesions = 0;
  /// Highest sensitivity at no more than so many false positives a CT; none without lesions.
  [[nodiscard]] std::optional<double> sensitivity(double false_positives) const;
};

/// Over the CTs with known lesions in a sample of records.
[[nodiscard]] Froc froc(const std::vector<Record>& records, const Sample& sample, Targets targets);

}  // namespace pleura::evaluate
