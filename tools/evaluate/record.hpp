#pragma once
/// What one CT adds to an evaluation: what was found, held against its truth. One JSON file each, from which the
/// figures are made without another look at the CT.
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/cohort.hpp"
#include "pleura/result.hpp"

namespace pleura::evaluate {

/// What a record was made with; records of two settings are never mixed.
struct Setting {
  std::string weights_sha256, precision;
  double threshold = 0;
  int max_regions = 0;
  bool operator==(const Setting&) const = default;
};

/// One proposal, also below the threshold of screening: detection is measured at all of them.
struct Proposal {
  double score = 0;  ///< objectness 0..1
  WorldBox box;
  std::vector<int> hits;  ///< indices of the lesions that it hits
};

/// One classified region as one classifier sees it. The region is proposal `index` of the record, its true class there.
struct Opinion {
  Label label = Label::irrelevant;                       ///< by vote
  int speaker = 0;                                       ///< the image that speaks for the region
  std::array<std::array<double, 3>, 3> probabilities{};  ///< of the three images, by Label
};

/// What one classifier makes of the CT.
struct Answer {
  std::vector<Opinion> regions;
  CaseLabel result = CaseLabel::no_infection_found;
  double exported = 0;  ///< the score exported for the result; 0 where no infection is found
  double evidence_covid19 = 0, evidence_influenza_a = 0;  ///< -log(1 - P): orders cases where P rounds to 1
};

struct Record {
  std::string name, refused;  ///< refused: why the CT could not be screened; then nothing below holds
  Setting setting;
  CaseLabel truth = CaseLabel::no_infection_found;
  bool has_lesions = false;  ///< whether lesions are known: else only the case counts
  std::vector<Finding> lesions;
  std::vector<Proposal> proposals;                 ///< best first; the first ones are the regions
  std::vector<std::optional<Label>> region_truth;  ///< of each region; none: left out
  std::map<std::string, Answer> answers;           ///< by classifier: m1, m2, m2_shuffled
  double seconds = 0;
};

/// Throws resources where the disk refuses.
void write_record(const Record& record, const std::filesystem::path& file);

/// Throws input_refused where the file is no record.
[[nodiscard]] Record read_record(const std::filesystem::path& file);

}  // namespace pleura::evaluate
