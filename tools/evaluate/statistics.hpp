#pragma once
/// Figures of scores against truth, and how sure they are.
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace pleura::evaluate {

struct Scored {
  double score = 0;
  bool positive = false;
};

struct CurvePoint {
  double x = 0, y = 0;
};

/// Area under the ROC curve: the chance that a positive scores above a negative, ties counted half. None where either
/// is missing.
[[nodiscard]] std::optional<double> roc_auc(std::vector<Scored> scored);

/// The ROC curve, false against true positive rate, from (0, 0) to (1, 1); empty where roc_auc gives none.
[[nodiscard]] std::vector<CurvePoint> roc_curve(std::vector<Scored> scored);

/// One bin of a reliability diagram.
struct Bin {
  double mean_score = 0, share_right = 0;
  std::int64_t count = 0;
};

/// How far scores are from the share that is right: ten equal bins of 0..1, expected calibration error and Brier score.
struct Calibration {
  std::vector<Bin> bins;
  double expected_error = 0, brier = 0;
  std::int64_t count = 0;
};
[[nodiscard]] Calibration calibrate(const std::vector<Scored>& scored);

/// The middle 95 % of a figure over resamples.
struct Interval {
  double low = 0, high = 0;
};

/// Percentile bootstrap: `figure` gets n indices drawn with replacement from 0 to n - 1, `resamples` times, the same
/// draws for every figure of the same n and seed, so that two figures pair. Resamples without a figure are left out;
/// none where all are.
using Sample = std::vector<std::size_t>;
[[nodiscard]] std::optional<Interval> bootstrap(std::size_t n, int resamples, std::uint64_t seed,
                                                const std::function<std::optional<double>(const Sample&)>& figure);

}  // namespace pleura::evaluate
