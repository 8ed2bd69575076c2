#include "evaluate/record.hpp"

#include <nlohmann/json.hpp>

#include "files/read.hpp"
#include "files/replace.hpp"
#include "pleura/error.hpp"

namespace pleura::evaluate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json to_json(const Answer& answer) {
  Json regions = Json::array();
  for (const Opinion& one : answer.regions)
    regions.push_back({{"label", one.label}, {"speaker", one.speaker}, {"probabilities", one.probabilities}});
  return {{"result", answer.result},
          {"exported", answer.exported},
          {"evidence_covid19", answer.evidence_covid19},
          {"evidence_influenza_a", answer.evidence_influenza_a},
          {"regions", std::move(regions)}};
}

Answer answer_of(const Json& json) {
  Answer answer;
  answer.result = json.at("result").get<CaseLabel>();
  answer.exported = json.at("exported").get<double>();
  answer.evidence_covid19 = json.at("evidence_covid19").get<double>();
  answer.evidence_influenza_a = json.at("evidence_influenza_a").get<double>();
  for (const Json& one : json.at("regions")) {
    Opinion& opinion = answer.regions.emplace_back();
    one.at("label").get_to(opinion.label);
    one.at("speaker").get_to(opinion.speaker);
    one.at("probabilities").get_to(opinion.probabilities);
  }
  return answer;
}

}  // namespace

void write_record(const Record& record, const fs::path& file) {
  const Setting& setting = record.setting;
  Json json{{"path", record.name},
            {"refused", record.refused},
            {"weights_sha256", setting.weights_sha256},
            {"precision", setting.precision},
            {"threshold", setting.threshold},
            {"max_regions", setting.max_regions},
            {"case", record.truth},
            {"has_lesions", record.has_lesions},
            {"lesions", record.lesions},
            {"seconds", record.seconds}};
  json["proposals"] = Json::array();
  for (const Proposal& one : record.proposals)
    json["proposals"].push_back(
        {{"score", one.score}, {"low", one.box.low}, {"high", one.box.high}, {"hits", one.hits}});
  json["region_truth"] = Json::array();
  for (const auto& truth : record.region_truth) json["region_truth"].push_back(truth ? Json(*truth) : Json());
  json["answers"] = Json::object();
  for (const auto& [name, answer] : record.answers) json["answers"][name] = to_json(answer);
  files::write_file(file, json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n");
}

Record read_record(const fs::path& file) try {
  const Json json = Json::parse(files::read_if_there(file).value_or(""));
  Record record;
  json.at("path").get_to(record.name);
  json.at("refused").get_to(record.refused);
  json.at("weights_sha256").get_to(record.setting.weights_sha256);
  json.at("precision").get_to(record.setting.precision);
  json.at("threshold").get_to(record.setting.threshold);
  json.at("max_regions").get_to(record.setting.max_regions);
  json.at("case").get_to(record.truth);
  json.at("has_lesions").get_to(record.has_lesions);
  json.at("lesions").get_to(record.lesions);
  json.at("seconds").get_to(record.seconds);
  for (const Json& one : json.at("proposals"))
    record.proposals.push_back({one.at("score").get<double>(),
                                {one.at("low").get<Point3>(), one.at("high").get<Point3>()},
                                one.at("hits").get<std::vector<int>>()});
  for (const Json& one : json.at("region_truth"))
    record.region_truth.push_back(one.is_null() ? std::nullopt : std::optional(one.get<Label>()));
  for (const auto& [name, answer] : json.at("answers").items()) record.answers[name] = answer_of(answer);
  return record;
} catch (const nlohmann::json::exception& error) {
  throw Error(Status::input_refused, file.string() + ": " + error.what() + ", expected a record of pleura evaluate");
}

}  // namespace pleura::evaluate
