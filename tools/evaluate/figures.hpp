#pragma once
/// From the records of a cohort to its figures: the paper's tables 1 to 6 for each classifier, with intervals.
#include <array>
#include <map>
#include <string>
#include <vector>

#include "evaluate/detection.hpp"
#include "evaluate/metrics.hpp"
#include "evaluate/record.hpp"
#include "evaluate/statistics.hpp"

namespace pleura::evaluate {

inline constexpr int kResamples = 1000;
inline constexpr std::uint64_t kBootstrapSeed = 1;

/// A figure and its 95 % interval over resampled CTs; none where there is nothing to tell.
struct Figure {
  std::optional<double> value;
  std::optional<Interval> interval;
};

/// The three levels of the paper: images, regions by vote, cases by Noisy-OR.
enum class Level { patch, region, case_ };
inline constexpr std::array kLevels{Level::patch, Level::region, Level::case_};

[[nodiscard]] const char* to_string(Level level);  ///< "patch", "region", "case"
/// Names of a level's classes, in the paper's order: covid19, influenza_a, and irrelevant or no_infection_found.
[[nodiscard]] std::array<const char*, 3> classes_of(Level level);
/// Classes that a level's mean F1 counts: three, of a case the first two (paper 3.3.5).
[[nodiscard]] std::size_t classes_in_mean(Level level);

/// One level of one classifier.
struct LevelFigures {
  ConfusionMatrix confusion;  ///< [actual][predicted]
  Figure mean_f1, accuracy;
  std::array<Figure, 3> roc_auc;  ///< each class against the others
};

/// What distances bring: one level's figure of one classifier less that of another, over the same resamples.
struct Advantage {
  Figure mean_f1, accuracy;
};

struct Figures {
  std::size_t cts = 0;
  std::vector<Record> refused;
  Setting setting;
  double seconds = 0;                                           ///< a CT, mean
  std::map<std::string, std::map<Level, LevelFigures>> models;  ///< m1, m2, m2_shuffled
  std::map<Level, Advantage> m2_over_m1, m2_over_shuffled;
  std::map<Targets, Froc> froc;
  std::map<Targets, std::map<int, Figure>> sensitivity;     ///< at so many false positives a CT
  Calibration calibration;                                  ///< of M2's exported score, cases with infection found
  std::map<std::string, std::vector<CurvePoint>> case_roc;  ///< of M2, by class
};

inline constexpr std::array kFalsePositives{1, 2, 4, 8};

/// Throws input_refused where there is no record of a CT that could be screened.
[[nodiscard]] Figures figures_of(std::vector<Record> records);

}  // namespace pleura::evaluate
