#pragma once
/// Many phantoms from one seed: patients, scanners and findings all differ.
#include "phantom/recipe.hpp"
#include "phantom/write.hpp"

namespace pleura::phantom {

struct CohortOptions {
  int count = 0;
  std::uint64_t seed = 0;
  std::string recipe = "train-3";
  /// What all have in common; of its acquisition, the matrix. Its seed is not read. Findings, if given, are every
  /// case's; kernel and noise too.
  PhantomOptions common;
  std::optional<std::array<double, 3>> spacing;  ///< of every case; absent: drawn by the recipe
  std::vector<std::filesystem::path> backgrounds;
  std::optional<double> background_share;  ///< absent: the recipe's
  Output output;                           ///< its folder holds them all
};

/// The seed of one case. Cohorts of another seed or recipe share none, short of a collision of 48-bit hashes.
[[nodiscard]] std::uint64_t case_seed(const CohortOptions& options, int index);

/// The group of case `index`: after any number of cases each group has its share, give or take one.
[[nodiscard]] CaseLabel case_group(const Recipe& recipe, int index);

/// One case of a cohort.
struct CohortCase {
  PhantomOptions options;  ///< its background not yet read
  std::optional<std::filesystem::path> background;
};
[[nodiscard]] CohortCase cohort_case(const CohortOptions& options, int index);

/// Writes folder/case-0001 and so on, each as write_phantom does, then folder/cohort.csv: `path,case,truth`, paths
/// relative to it. Cases that are there already are kept, so that a broken run goes on where it was. Throws as
/// write_phantom and read_background.
void write_cohort(const CohortOptions& options, const Progress& progress = {});

}  // namespace pleura::phantom
