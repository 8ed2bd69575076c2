#pragma once
/// Many phantoms from one seed: patients, scanners and findings all differ.
#include "phantom/write.hpp"

namespace pleura::phantom {

struct CohortOptions {
  int count = 0;
  std::uint64_t seed = 0;
  /// What all have in common; its seed is not read. Without findings, a third of the cases each are healthy, COVID-19
  /// and influenza A, in turn.
  PhantomOptions common;
  bool draw_spacing = true;  ///< 0.6 to 0.9 mm in plane and slices of 1 to 8 mm, not common's
  Output output;             ///< its folder holds them all
};

/// The seed of one case. Cohorts of other seeds share none of theirs, short of a collision of 48-bit hashes.
[[nodiscard]] std::uint64_t case_seed(std::uint64_t cohort_seed, int index);

/// How one case of a cohort is made: its seed, findings and acquisition.
[[nodiscard]] PhantomOptions cohort_case(const CohortOptions& options, int index);

/// Writes folder/case-0001 and so on, each as write_phantom does, then folder/cohort.csv: `path,case,truth`, paths
/// relative to it. Cases that are there already are kept, so that a broken run goes on where it was. Throws as
/// write_phantom.
void write_cohort(const CohortOptions& options, const Progress& progress = {});

}  // namespace pleura::phantom
