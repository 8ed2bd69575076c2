#pragma once
/// What a classification is worth: the figures of the paper's tables 2, 4 and 6 from confusion matrices such as 1, 3
/// and 5 (paper 3.3.1, equations 3 to 6).
#include <cstdint>
#include <vector>

namespace pleura::evaluate {

/// Counts [actual class][predicted class], square.
using ConfusionMatrix = std::vector<std::vector<std::int64_t>>;

/// One class against the others. A figure whose denominator is 0 is 0.
struct ClassFigures {
  double recall = 0, precision = 0, f1 = 0;
};

/// Recall, precision and F1 of each class. Throws Error(usage) where the matrix is not square or a count is negative.
[[nodiscard]] std::vector<ClassFigures> class_figures(const ConfusionMatrix& counts);

/// The share of all cases that were classified rightly, over all classes; 0 for an empty matrix.
[[nodiscard]] double accuracy(const ConfusionMatrix& counts);

/// The mean F1 of the first `classes` classes (the paper leaves 'no infection found' out of its case average).
[[nodiscard]] double mean_f1(const ConfusionMatrix& counts, std::size_t classes);

}  // namespace pleura::evaluate
