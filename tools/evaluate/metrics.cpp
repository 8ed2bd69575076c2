#include "evaluate/metrics.hpp"

#include <algorithm>
#include <string>

#include "pleura/error.hpp"

namespace pleura::evaluate {
namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

void check(const ConfusionMatrix& counts) {
  for (const auto& row : counts) {
    if (row.size() != counts.size())
      throw Error(Status::usage, "confusion matrix: a row of " + std::to_string(row.size()) + " counts, expected " +
                                     std::to_string(counts.size()));
    if (std::any_of(row.begin(), row.end(), [](std::int64_t n) { return n < 0; }))
      throw Error(Status::usage, "confusion matrix: a negative count, expected none");
  }
}

}  // namespace

std::vector<ClassFigures> class_figures(const ConfusionMatrix& counts) {
  check(counts);
  std::vector<ClassFigures> figures(counts.size());
  for (std::size_t k = 0; k < counts.size(); ++k) {
    double actual = 0, predicted = 0;
    for (std::size_t other = 0; other < counts.size(); ++other) {
      actual += static_cast<double>(counts[k][other]);
      predicted += static_cast<double>(counts[other][k]);
    }
    const auto right = static_cast<double>(counts[k][k]);
    figures[k] = {share(right, actual), share(right, predicted), share(2 * right, actual + predicted)};
  }
  return figures;
}

double accuracy(const ConfusionMatrix& counts) {
  check(counts);
  double right = 0, all = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    right += static_cast<double>(counts[k][k]);
    for (const std::int64_t n : counts[k]) all += static_cast<double>(n);
  }
  return share(right, all);
}

double mean_f1(const ConfusionMatrix& counts, std::size_t classes) {
  const std::vector<ClassFigures> figures = class_figures(counts);
  if (classes == 0 || classes > figures.size())
    throw Error(Status::usage,
                "mean F1 of " + std::to_string(classes) + " classes, expected 1 to " + std::to_string(figures.size()));
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) sum += figures[k].f1;
  return sum / static_cast<double>(classes);
}

}  // namespace pleura::evaluate
