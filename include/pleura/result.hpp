#pragma once
/// What a screening finds. Sources: paper sections 2.5 and 2.6, with the decisions of docs/design.md.
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pleura/export.h"
#include "pleura/volume.hpp"

namespace pleura {

/// The classes of an image patch and of a region (paper 2.4), in the order of the classifier's outputs.
enum class Label : int { covid19 = 0, influenza_a = 1, irrelevant = 2 };
/// The results of a case (paper 2.6.2).
enum class CaseLabel : int { no_infection_found = 0, covid19 = 1, influenza_a = 2 };

[[nodiscard]] PLEURA_API const char* to_string(Label label);      ///< "covid19", "influenza_a", "irrelevant"
[[nodiscard]] PLEURA_API const char* to_string(CaseLabel label);  ///< "no_infection_found", "covid19", "influenza_a"

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
  double p_infection = 0;    ///< of either type: 1 - (1 - p_covid19)(1 - p_influenza_a) [D]
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

/// The CT that was screened.
struct InputInfo {
  Provenance provenance;      ///< the volume's; empty where the caller made the volume
  std::string voxels_sha256;  ///< SHA-256 of Volume::hu in its order, each value as two bytes, the lower one first
};

/// The options that RunInfo does not name, as they were used: where the caller left one open, what the weights say.
struct OptionsUsed {
  std::string weights;  ///< path as given
  std::uint64_t memory_bytes = 0;
  double threshold = 0;
  int max_regions = 0;
  /// ReadOptions and WriteOptions, as whoever read the CT and writes the result set them.
  std::string series;
  std::optional<double> window_low, window_high;
  std::optional<std::array<double, 3>> spacing;
  bool save_masks = false, pictures = true;
};

/// How many layers of a network ran on one variant of the kernels.
struct VariantUse {
  std::string network;  ///< "segmenter", "classifier"
  std::string variant;  ///< "avx512", "onednn", "implicit-gemm", ...
  int layers = 0;
};

/// How kernels were chosen by measurement (EngineOptions::tune).
struct TuningUse {
  std::string cache;  ///< "reused" or "rebuilt because ...", as the engine found it
  int measured = 0;   ///< layers of new shapes that were measured for this CT
};

/// How the result was computed.
struct RunInfo {
  std::string version, device, precision, classifier;
  int threads = 0;
  std::string weights_sha256, weights_name, segmenter_architecture;
  Index3 network_shape{};                         ///< voxels (z, y, x) that the segmenter saw
  std::int64_t network_macs = 0;                  ///< multiply-accumulates of segmenter and classifier together
  std::chrono::system_clock::time_point started;  ///< when work on this CT began
  double seconds_total = 0;                       ///< of all stages; of two that run side by side the longer counts
  std::vector<VariantUse> variants;               ///< the segmenter's, then the classifier's
  std::optional<TuningUse> tuning;                ///< where variants were chosen by measurement
};

/// What a result shows of where its CT comes from.
enum class Disclosure {
  anonymous,   ///< no path, UID, date, name or free text: what a stranger may see
  usual,       ///< all but the next
  identified,  ///< also the patient's name and id, and the accession number
};

/// Everything that result.json holds.
struct Result {
  InputInfo input;
  OptionsUsed options;
  CaseResult case_result;
  std::vector<Region> regions;  ///< all that were classified, the infected ones first, by falling confidence
  LungsSummary lungs;
  Geometry geometry;
  std::vector<StageTime> stages;
  RunInfo run;
  std::vector<std::string> warnings;
};

}  // namespace pleura
