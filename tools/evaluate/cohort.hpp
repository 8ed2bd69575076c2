#pragma once
/// What is evaluated on: a table of CTs with their true cases, and the true lesions of each.
#include <filesystem>
#include <string>
#include <vector>

#include "pleura/result.hpp"

namespace pleura::evaluate {

/// One row of cohort.csv. Paths are as opened: those of the table count from the table's folder.
struct Entry {
  int row = 0;       ///< from 1, without the heading
  std::string name;  ///< the path as the table writes it
  std::filesystem::path ct;
  CaseLabel truth = CaseLabel::no_infection_found;
  std::filesystem::path lesions;  ///< a truth.json; empty where the row names none
};

/// Reads a table with the columns path, case and, if lesions are known, truth, in any order; others are passed over.
/// Throws input_refused naming the row, what was found and what was expected.
[[nodiscard]] std::vector<Entry> read_cohort(const std::filesystem::path& table);

/// What a true box holds. ignored: neither to be found nor a false alarm.
enum class Finding { covid19, influenza_a, irrelevant, ignored };

struct Lesion {
  Finding finding = Finding::ignored;
  WorldBox box;
};

/// Reads {"boxes": [{"label": "covid19" | "influenza_a" | "irrelevant" | "ignore", "box_mm": {"low", "high"}}, ...]}.
/// Throws input_refused naming file, what was found and what was expected.
[[nodiscard]] std::vector<Lesion> read_lesions(const std::filesystem::path& file);

}  // namespace pleura::evaluate
