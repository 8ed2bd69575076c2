#pragma once
/// What a screening finds. Sources: paper sections 2.5 and 2.6, with the decisions of docs/design.md.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura {

/// The classes of an image patch and of a region (paper 2.4), in the order of the classifier's outputs.
enum class Label : int { covid19 = 0, influenza_a = 1, irrelevant = 2 };
/// The results of a case (paper 2.6.2).
enum class CaseLabel : int { no_infection_found = 0, covid19 = 1, influenza_a = 2 };

[[nodiscard]] const char* to_string(Label label);      ///< "covid19", "influenza_a", "irrelevant"
[[nodiscard]] const char* to_string(CaseLabel label);  ///< "no_infection_found", "covid19", "influenza_a"

/// One of the three images of a region and how it was classified.
struct ImageVote {
  Label label = Label::irrelevant;
  double confidence = 0;                  ///< the softmax score of label
  std::array<double, 3> probabilities{};  ///< by Label, sum 1
  std::array<double, 3> logits{};         ///< by Label, before the softmax
  std::int64_t slice = 0;                 ///< z index in the volume
  double distance_from_edge = 0;          ///< relative, paper 2.5.1: in-plane mm to the lungs' edge over the diagonal
};

/// One candidate cube that the segmenter proposed, with the vote of its images (paper 2.6.1).
struct Region {
  Label label = Label::irrelevant;
  double confidence = 0;                ///< of the image that the vote chose
  double log_one_minus_confidence = 0;  ///< log(1 - confidence), from the logits: exact where confidence rounds to 1
  VoxelBox box_voxels;                  ///< in the volume as pleura turned it
  WorldBox box_mm;                      ///< the cube as proposed, not rounded to voxels
  double proposal_score = 0;            ///< objectness, 0..1
  std::array<ImageVote, 3> votes;       ///< below, centre, above
  double distance_from_edge = 0;        ///< of the centre image
};

/// The case as a whole (paper 2.6.2).
struct CaseResult {
  CaseLabel result = CaseLabel::no_infection_found;
  double confidence = 0;                    ///< what the paper exports for `result`; 0 where no infection is found
  double p_covid19 = 0, p_influenza_a = 0;  ///< Noisy-OR over the regions of each type
  double s_covid19 = 0,
         s_influenza_a = 0;  ///< what the paper exports: softmax of the two P, or P itself where one is 0
};

/// The lungs that the HU preprocessing found.
struct LungsSummary {
  double left_litres = 0, right_litres = 0;
  VoxelBox box;  ///< smallest box that holds both lungs
};

/// Seconds that one stage took.
struct StageTime {
  std::string name;
  double seconds = 0;
};

/// How the result was computed.
struct RunInfo {
  std::string version, device, precision, classifier;
  int threads = 0;
  std::string weights_sha256, weights_name, series_uid, segmenter_architecture;
  Index3 network_shape{};         ///< voxels (z, y, x) that the segmenter saw
  std::int64_t network_macs = 0;  ///< multiply-accumulates of segmenter and classifier together
};

/// Everything that result.json holds.
struct Result {
  CaseResult case_result;
  std::vector<Region> regions;  ///< all that were classified, the infected ones first, by falling confidence
  LungsSummary lungs;
  Geometry geometry;
  std::vector<StageTime> stages;
  RunInfo run;
  std::vector<std::string> warnings;
};

}  // namespace pleura
