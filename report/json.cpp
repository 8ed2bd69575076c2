#include <nlohmann/json.hpp>

#include "pleura/pleura.hpp"
#include "report/names.hpp"

namespace pleura {
namespace {

using Json = nlohmann::ordered_json;  // keys stay in the order of docs/result.schema.json

Json by_label(const std::array<double, 3>& values) {
  Json json;
  for (const Label label : {Label::covid19, Label::influenza_a, Label::irrelevant})
    json[to_string(label)] = values[static_cast<std::size_t>(label)];
  return json;
}

template <class Box>
Json box_json(const Box& box) {
  return {{"low", box.low}, {"high", box.high}};
}

Json case_json(const CaseResult& found) {
  return {{"result", to_string(found.result)}, {"confidence", found.confidence},
          {"p_covid19", found.p_covid19},      {"p_influenza_a", found.p_influenza_a},
          {"s_covid19", found.s_covid19},      {"s_influenza_a", found.s_influenza_a}};
}

Json vote_json(const ImageVote& vote) {
  return {{"slice", vote.slice},
          {"label", to_string(vote.label)},
          {"confidence", vote.confidence},
          {"probabilities", by_label(vote.probabilities)},
          {"logits", by_label(vote.logits)},
          {"distance_from_edge", vote.distance_from_edge}};
}

Json region_json(const Region& region) {
  Json votes = Json::array();
  for (const ImageVote& vote : region.votes) votes.push_back(vote_json(vote));
  return {{"label", to_string(region.label)},
          {"confidence", region.confidence},
          {"log_one_minus_confidence", region.log_one_minus_confidence},
          {"proposal_score", region.proposal_score},
          {"box_mm", box_json(region.box_mm)},
          {"box_voxels", box_json(region.box_voxels)},
          {"votes", std::move(votes)},
          {"distance_from_edge", region.distance_from_edge}};
}

Json run_json(const RunInfo& run, const std::string& series_uid) {
  return {{"version", run.version},           {"device", run.device},
          {"precision", run.precision},       {"classifier", run.classifier},
          {"threads", run.threads},           {"weights_sha256", run.weights_sha256},
          {"weights_name", run.weights_name}, {"segmenter_architecture", run.segmenter_architecture},
          {"series_uid", series_uid},         {"network_shape", run.network_shape},
          {"network_macs", run.network_macs}};
}

}  // namespace

std::string to_json(const Result& result) {
  Json regions = Json::array(), stages = Json::array();
  for (const Region& region : result.regions) regions.push_back(region_json(region));
  for (const StageTime& stage : result.stages) stages.push_back({{"name", stage.name}, {"seconds", stage.seconds}});
  const Geometry& geometry = result.geometry;
  const Json json = {{"schema_version", report::kSchemaVersion},
                     {"notice", report::kNotice},
                     {"case", case_json(result.case_result)},
                     {"regions", std::move(regions)},
                     {"lungs",
                      {{"left_litres", result.lungs.left_litres},
                       {"right_litres", result.lungs.right_litres},
                       {"box_voxels", box_json(result.lungs.box)}}},
                     {"geometry",
                      {{"shape", geometry.shape},
                       {"spacing_mm", geometry.spacing},
                       {"origin_mm", geometry.origin},
                       {"direction", geometry.direction}}},
                     {"stages", std::move(stages)},
                     {"run", run_json(result.run, result.input.provenance.series_uid)},
                     {"warnings", result.warnings}};
  // In ASCII, so that no text of a file reaches a terminal raw; names that are not UTF-8 are mended.
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace pleura
