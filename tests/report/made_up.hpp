#pragma once
/// A made-up screening: a block of soft tissue with two box-shaped lungs.
#include "pleura/pleura.hpp"

namespace pleura::report::test {

inline Region made_up_region(const Geometry& geometry, const VoxelBox& box, Label label, double confidence) {
  Region region;
  region.label = label;
  region.confidence = confidence;
  region.log_one_minus_confidence = -2.5;
  region.box_voxels = box;
  region.box_mm = to_world(geometry, box);
  region.proposal_score = 0.75;
  region.distance_from_edge = 0.0625;
  for (std::size_t k = 0; k < 3; ++k) {
    ImageVote& vote = region.votes[k];
    vote.label = k == 0 ? Label::irrelevant : label;
    vote.confidence = k == 0 ? 0.5 : confidence;
    vote.probabilities = {0.25, 0.25, 0.5};
    vote.logits = {-1, -1, 0.5};
    vote.slice = (box.low[0] + box.high[0]) / 2 + static_cast<std::int64_t>(k) - 1;
    vote.distance_from_edge = 0.0625;
  }
  return region;
}

inline Screening made_up_screening(bool with_regions) {
  Screening screening;
  Geometry geometry;
  geometry.shape = {12, 40, 60};
  geometry.spacing = {5, 2, 2};
  geometry.origin = {-59, -39, 100};
  screening.volume.geometry = geometry;
  screening.volume.hu.assign(static_cast<std::size_t>(geometry.voxels()), 40);
  screening.lungs.assign(screening.volume.hu.size(), 0);
  for (std::int64_t z = 2; z < 10; ++z)
    for (std::int64_t y = 10; y < 30; ++y)
      for (std::int64_t x = 8; x < 52; ++x) {
        if (x >= 26 && x < 34) continue;
        const auto voxel = static_cast<std::size_t>((z * 40 + y) * 60 + x);
        screening.volume.hu[voxel] = -850;
        screening.lungs[voxel] = x < 30 ? 2 : 1;
      }
  Result& result = screening.result;
  result.geometry = geometry;
  result.lungs = {2.25, 2.5, {{2, 10, 8}, {10, 30, 52}}};
  result.stages = {{"lungs", 0.5}, {"segmenter", 1.25}};
  result.run = {"0.1.0",
                "cpu",
                "fp32",
                "m2",
                2,
                std::string(64, 'a'),
                "made-up",
                "vnet-rpn",
                {16, 32, 48},
                123456789,
                std::chrono::system_clock::from_time_t(1795845433),
                2.5,
                {{"segmenter", "avx512", 40}, {"segmenter", "onednn", 6}, {"classifier", "avx512", 24}},
                {}};
  Provenance& source = result.input.provenance;
  source.path = "wards/patient1/ct";
  source.format = "DICOM";
  source.files = 12;
  source.series_uid = "1.2.3";
  source.study_uid = "1.2";
  source.frame_of_reference_uid = "1.2.4";
  source.study_date = "20200131";
  source.series_description = "CHEST 1.0 B70f";
  source.kernel = "B70f";
  source.scanner = "Maker Model";
  source.patient_id = "P-1";
  source.patient_name = "DOE^JANE";
  source.accession_number = "A-7";
  result.input.voxels_sha256 = "0123456789abcdef" + std::string(48, 'b');
  result.options = {"demo.h5", 0, 0.25, 32, "1.2.3", {}, {}, {}, false};
  if (!with_regions) return screening;
  result.case_result = {CaseLabel::covid19, 0.6456, 0.9, 0.3, 0.6456, 0.3544, 0.93};
  result.regions = {made_up_region(geometry, {{4, 14, 12}, {8, 24, 20}}, Label::covid19, 0.9),
                    made_up_region(geometry, {{5, 12, 40}, {7, 20, 48}}, Label::influenza_a, 0.3),
                    made_up_region(geometry, {{2, 20, 38}, {4, 28, 44}}, Label::irrelevant, 0.8)};
  result.warnings = {"made up"};
  return screening;
}

}  // namespace pleura::report::test
