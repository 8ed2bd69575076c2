#include "api/compare/writers.hpp"
#include "pleura/pleura.hpp"
#include "report/names.hpp"

namespace pleura::api {
namespace {

using Json = nlohmann::ordered_json;

Json differences_json(const Differences& differences) {
  return {{"max", differences.largest}, {"p99", differences.p99}, {"mean", differences.mean}};
}

Json side_json(const Side& side) {
  const CaseResult& found = side.case_result;
  Json json = {{"configuration", side.configuration},
               {"device", side.device},
               {"case",
                {{"result", to_string(found.result)},
                 {"undecided", report::is_undecided(found)},
                 {"confidence", found.confidence},
                 {"p_covid19", found.p_covid19},
                 {"p_influenza_a", found.p_influenza_a},
                 {"p_infection", found.p_infection}}}};
  if (!side.note.empty()) json["note"] = side.note;
  return json;
}

Json region_json(const Region& region) {
  return {{"label", to_string(region.label)},
          {"confidence", region.confidence},
          {"proposal_score", region.proposal_score},
          {"box_mm", {{"low", region.box_mm.low}, {"high", region.box_mm.high}}}};
}

Json regions_json(const std::vector<Region>& regions, const std::vector<std::size_t>& which) {
  Json list = Json::array();
  for (const std::size_t one : which) list.push_back(region_json(regions[one]));
  return list;
}

}  // namespace

Json compare_json(const CompareReport& report) {
  const auto& [weights, ct, classifier, a, b, figures] = report;
  Json json = {{"schema_version", 1},
               {"version", version()},
               {"ct", ct},
               {"weights", {{"path", weights}, {"sha256", a.weights_sha256}}},
               {"classifier", classifier},
               {"a", side_json(a)},
               {"b", side_json(b)},
               {"lungs", {{"voxels", figures.lung_voxels}, {"different", figures.lung_differences}}},
               {"segmenter", nullptr}};
  if (const auto& head = figures.head)
    json["segmenter"] = {{"shape", a.head.shape},
                         {"largest_logit", head->largest_logit},
                         {"logits", differences_json(head->logits)},
                         {"probabilities", differences_json(head->probabilities)}};
  Json matched = Json::array(), margins = Json::array();
  for (const RegionPair& pair : figures.pairs)
    matched.push_back({{"a", region_json(a.regions[pair.a])},
                       {"b", region_json(b.regions[pair.b])},
                       {"iou", pair.iou},
                       {"logits_max", pair.logits},
                       {"votes_changed", pair.votes_changed}});
  json["regions"] = {{"matched", std::move(matched)},
                     {"only_a", regions_json(a.regions, figures.only_a)},
                     {"only_b", regions_json(b.regions, figures.only_b)},
                     {"labels_changed", figures.labels_changed},
                     {"votes_changed", figures.votes_changed},
                     {"logits", differences_json(figures.logits)},
                     {"proposal_scores", differences_json(figures.scores)},
                     {"confidences", differences_json(figures.confidences)}};
  for (const Margin& margin : figures.margins) {
    Json one = {
        {"decision", margin.decision}, {"distance", margin.distance}, {"moved", margin.moved}, {"ratio", nullptr}};
    if (const auto ratio = margin.ratio()) one["ratio"] = *ratio;
    margins.push_back(std::move(one));
  }
  json["margins"] = std::move(margins);
  json["identical"] = figures.identical;
  json["same_decisions"] = figures.same_decisions();
  json["verdict"] = verdict(figures);
  return json;
}

}  // namespace pleura::api
