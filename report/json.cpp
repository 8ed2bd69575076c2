#include <ctime>
#include <nlohmann/json.hpp>

#include "pleura/report.hpp"
#include "report/identity.hpp"
#include "report/names.hpp"
#include "runtime/words.hpp"

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
  return {{"result", to_string(found.result)},    {"p_infection", found.p_infection},
          {"confidence", found.confidence},       {"p_covid19", found.p_covid19},
          {"p_influenza_a", found.p_influenza_a}, {"s_covid19", found.s_covid19},
          {"s_influenza_a", found.s_influenza_a}};
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

Json input_json(const InputInfo& input, Disclosure disclosure) {
  const Provenance& source = input.provenance;
  Json json = Json::object();
  if (disclosure != Disclosure::anonymous) json["path"] = source.path.string();
  json["format"] = source.format;
  json["files"] = source.files;
  json["voxels_sha256"] = input.voxels_sha256;
  json["kernel"] = source.kernel;
  json["scanner"] = source.scanner;
  if (disclosure == Disclosure::anonymous) return json;
  json["series_uid"] = source.series_uid;
  json["study_uid"] = source.study_uid;
  json["frame_of_reference_uid"] = source.frame_of_reference_uid;
  json["study_date"] = source.study_date;
  json["series_description"] = source.series_description;
  if (disclosure == Disclosure::usual) return json;
  json["patient_id"] = source.patient_id;
  json["patient_name"] = source.patient_name;
  json["accession_number"] = source.accession_number;
  return json;
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json options_json(const Result& result, Disclosure disclosure) {
  const OptionsUsed& used = result.options;
  Json json = Json::object();
  if (disclosure != Disclosure::anonymous) {
    json["weights"] = used.weights;
    json["series"] = used.series;
  }
  json["classifier"] = result.run.classifier;
  json["threshold"] = used.threshold;
  json["max_regions"] = used.max_regions;
  json["device"] = result.run.device;
  json["precision"] = result.run.precision;
  json["threads"] = result.run.threads;
  json["memory_bytes"] = used.memory_bytes;
  json["window_low"] = or_null(used.window_low);
  json["window_high"] = or_null(used.window_high);
  json["spacing_mm"] = or_null(used.spacing);
  json["save_masks"] = used.save_masks;
  if (!used.pictures) json["pictures"] = false;
  return json;
}

/// "2026-11-28T05:57:13Z"
std::string iso_8601(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &utc) == nullptr) return "";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

Json variants_json(const std::vector<VariantUse>& uses) {
  Json json = Json::array();
  for (const VariantUse& use : uses)
    json.push_back({{"network", use.network}, {"variant", use.variant}, {"layers", use.layers}});
  return json;
}

Json run_json(const RunInfo& run, Disclosure disclosure) {
  Json json{{"version", run.version},
            {"device", run.device},
            {"precision", run.precision},
            {"classifier", run.classifier},
            {"threads", run.threads},
            {"weights_sha256", run.weights_sha256},
            {"weights_name", run.weights_name},
            {"segmenter_architecture", run.segmenter_architecture},
            {"network_shape", run.network_shape},
            {"variants", variants_json(run.variants)},
            {"network_macs", run.network_macs}};
  if (run.tuning) json["tuning"] = {{"cache", run.tuning->cache}, {"measured", run.tuning->measured}};
  if (disclosure != Disclosure::anonymous) json["started"] = iso_8601(run.started);
  json["seconds_total"] = run.seconds_total;
  return json;
}

/// ASCII alone: control characters and whatever a terminal might obey are escaped, bytes that are not UTF-8 replaced.
std::string text_of(const Json& json, bool one_line) {
  return json.dump(one_line ? -1 : 2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_json(const Result& result, Disclosure disclosure, bool one_line) {
  Json regions = Json::array(), stages = Json::array(), warnings = Json::array();
  for (const Region& region : result.regions) regions.push_back(region_json(region));
  for (const StageTime& stage : result.stages) stages.push_back({{"name", stage.name}, {"seconds", stage.seconds}});
  for (const std::string& warning : result.warnings)
    warnings.push_back(disclosure == Disclosure::anonymous ? report::anonymous_text(warning, result.input.provenance)
                                                           : warning);
  const Geometry& geometry = result.geometry;
  const Json json = {{"schema_version", report::kSchemaVersion},
                     {"notice", report::kNotice},
                     {"status", "done"},
                     {"input", input_json(result.input, disclosure)},
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
                     {"run", run_json(result.run, disclosure)},
                     {"options", options_json(result, disclosure)},
                     {"warnings", std::move(warnings)}};
  return text_of(json, one_line);
}

std::string to_json(const Error& error, const std::filesystem::path& ct, Disclosure disclosure, bool one_line) {
  const bool anonymous = disclosure == Disclosure::anonymous;
  Provenance source;
  source.path = ct;
  const std::string reason = runtime::without_file(error.what(), ct);
  const Json json = {{"schema_version", report::kSchemaVersion},
                     {"notice", report::kNotice},
                     {"status", error.status() == Status::input_refused ? "refused" : "failed"},
                     {"input", anonymous || ct.empty() ? Json::object() : Json{{"path", ct.string()}}},
                     {"code", static_cast<int>(error.status())},
                     {"reason", anonymous ? report::anonymous_text(reason, source) : reason}};
  return text_of(json, one_line);
}

}  // namespace pleura
