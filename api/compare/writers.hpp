#pragma once
/// A comparison in each of its forms.
#include <nlohmann/json.hpp>
#include <string>

#include "api/compare/figures.hpp"

namespace pleura::api {

struct CompareReport {
  std::string weights, ct, classifier;
  Side a, b;
  CompareFigures figures;
};

/// docs/compare.schema.json.
[[nodiscard]] nlohmann::ordered_json compare_json(const CompareReport& report);
[[nodiscard]] std::string compare_table(const CompareReport& report);

/// One line.
[[nodiscard]] std::string verdict(const CompareFigures& figures);

}  // namespace pleura::api
