#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "report/made_up.hpp"
#include "report/names.hpp"

namespace pleura::report {
namespace {

using Json = nlohmann::json;
using nlohmann::ordered_json;

Json schema(const std::string& name = "result") {
  return Json::parse(std::ifstream(std::string(PLEURA_SOURCE_DIR) + "/docs/" + name + ".schema.json"));
}

/// The part of the schema that a "$ref" names.
const Json& resolved(const Json& root, const Json& part) {
  if (!part.contains("$ref")) return part;
  return root.at(Json::json_pointer(part.at("$ref").get<std::string>().substr(1)));
}

/// What may be shown decides which keys input, options and run have: docs/result.schema.json requires them by "then".
bool may_lack_keys(const std::string& path) { return path == "/input" || path == "/options" || path == "/run"; }

/// Names and kinds: every object has exactly the required keys, and the schema allows no others.
void expect_conforms(const Json& root, const Json& rule, const Json& value, const std::string& path) {
  const Json& part = resolved(root, rule);
  if (part.contains("enum")) {
    EXPECT_THAT(part.at("enum"), testing::Contains(value)) << path;
  } else if (part.contains("const")) {
    EXPECT_EQ(part.at("const"), value) << path;
  } else if (part.at("type") == "object") {
    ASSERT_TRUE(value.is_object()) << path;
    EXPECT_EQ(part.at("additionalProperties"), false) << path;
    if (may_lack_keys(path)) {
      for (const auto& key : part.value("required", Json::array())) EXPECT_TRUE(value.contains(key)) << path << key;
    } else {
      const std::size_t keys = part.at("properties").size() - (path.empty() ? 1 : 0);  // `id` is added by `serve`
      EXPECT_EQ(part.at("required").size(), keys) << path;
      EXPECT_EQ(value.size(), keys) << path;
    }
    for (const auto& [key, inner] : value.items()) {
      ASSERT_TRUE(part.at("properties").contains(key)) << path << '/' << key;
      expect_conforms(root, part.at("properties").at(key), inner, path + '/' + key);
    }
  } else if (part.at("type").is_array()) {
    EXPECT_TRUE(value.is_null() || value.is_number() || value.is_array()) << path;
  } else if (part.at("type") == "boolean") {
    EXPECT_TRUE(value.is_boolean()) << path;
  } else if (part.at("type") == "array") {
    ASSERT_TRUE(value.is_array()) << path;
    if (part.contains("minItems")) {
      EXPECT_EQ(value.size(), part.at("minItems").get<std::size_t>()) << path;
    }
    for (const auto& item : value) expect_conforms(root, part.at("items"), item, path + "/item");
  } else if (part.at("type") == "integer") {
    EXPECT_TRUE(value.is_number_integer()) << path;
  } else if (part.at("type") == "number") {
    EXPECT_TRUE(value.is_number()) << path;
  } else {
    EXPECT_TRUE(value.is_string()) << path;
  }
}

TEST(Json, ConformsToTheSchema) {
  for (const bool with_regions : {false, true})
    for (const Disclosure disclosure : {Disclosure::anonymous, Disclosure::usual, Disclosure::identified}) {
      const Json result = Json::parse(to_json(test::made_up_screening(with_regions).result, disclosure));
      expect_conforms(schema(), schema(), result, "");
    }
}

TEST(Json, HasWhoseItIs) {
  const Result result = test::made_up_screening(false).result;
  Json expected = {{"path", "wards/patient1/ct"},
                   {"format", "DICOM"},
                   {"files", 12},
                   {"voxels_sha256", "0123456789abcdef" + std::string(48, 'b')},
                   {"kernel", "B70f"},
                   {"scanner", "Maker Model"},
                   {"series_uid", "1.2.3"},
                   {"study_uid", "1.2"},
                   {"frame_of_reference_uid", "1.2.4"},
                   {"study_date", "20200131"},
                   {"series_description", "CHEST 1.0 B70f"}};
  EXPECT_EQ(Json::parse(to_json(result))["input"], expected);
  expected.update({{"patient_id", "P-1"}, {"patient_name", "DOE^JANE"}, {"accession_number", "A-7"}});
  EXPECT_EQ(Json::parse(to_json(result, Disclosure::identified))["input"], expected);
  const Json anonymous = {{"format", "DICOM"},
                          {"files", 12},
                          {"voxels_sha256", expected["voxels_sha256"]},
                          {"kernel", "B70f"},
                          {"scanner", "Maker Model"}};
  EXPECT_EQ(Json::parse(to_json(result, Disclosure::anonymous))["input"], anonymous);
}

TEST(Json, HasTheOptionsAsUsed) {
  Result result = test::made_up_screening(false).result;
  Json expected = {{"weights", "demo.h5"}, {"series", "1.2.3"},     {"classifier", "m2"},     {"threshold", 0.25},
                   {"max_regions", 32},    {"device", "cpu"},       {"precision", "fp32"},    {"threads", 2},
                   {"memory_bytes", 0},    {"window_low", nullptr}, {"window_high", nullptr}, {"spacing_mm", nullptr},
                   {"save_masks", false}};
  EXPECT_EQ(Json::parse(to_json(result))["options"], expected);
  result.options.window_low = -1350;
  result.options.window_high = 150.5;
  result.options.spacing = {5, 0.5, 0.75};
  result.options.memory_bytes = std::uint64_t{3} << 30;
  result.options.save_masks = true;
  expected.update({{"window_low", -1350.0}, {"window_high", 150.5}, {"spacing_mm", {5.0, 0.5, 0.75}}});
  result.options.pictures = false;
  expected.update({{"memory_bytes", 3221225472}, {"save_masks", true}, {"pictures", false}});
  EXPECT_EQ(Json::parse(to_json(result))["options"], expected);
  expected.erase("weights");
  expected.erase("series");
  EXPECT_EQ(Json::parse(to_json(result, Disclosure::anonymous))["options"], expected);
}

TEST(Json, SaysWhenAndHowLong) {
  const Result result = test::made_up_screening(false).result;
  EXPECT_EQ(Json::parse(to_json(result))["run"]["started"], "2026-11-28T05:57:13Z");
  EXPECT_EQ(Json::parse(to_json(result))["run"]["seconds_total"], 2.5);
  EXPECT_FALSE(Json::parse(to_json(result, Disclosure::anonymous))["run"].contains("started"));
}

TEST(Json, OfAnAnonymousResultNamesNobody) {
  Result result = test::made_up_screening(true).result;
  result.input.provenance.slices = {{"1.9.8", "", 0, 0}};
  result.warnings = {"wards/patient1/ct/a.txt: of no format",
                     "copies of 'Jane Doe' count once",
                     "slice IM0001 of DOE^JANE",
                     "acquired 20200131, series 1.2.840.113, slice 1.9.8",
                     "the slices' names leave out 2 numbers: 5.5 mm",
                     "B\xc3\xa9r\xc3\xa9nice and \xff"};
  const std::string text = to_json(result, Disclosure::anonymous);
  for (const char* name :
       {"wards", "patient1", "Jane", "JANE", "P-1", "A-7", "IM0001", "2020", "1.2.", "1.9.8", "nice"})
    EXPECT_THAT(text, testing::Not(testing::HasSubstr(name)));
  EXPECT_EQ(Json::parse(text)["warnings"], Json({"...: of no format", "copies of ... count once", "slice ... of ...",
                                                 "acquired ..., series ..., slice ...",
                                                 "the slices' names leave out 2 numbers: 5.5 mm", "... and ..."}));
}

TEST(Json, OfARefusedCt) {
  const Error refusal(Status::input_refused, "wards/p\xff: no CT in 'wards'");
  const Json expected = {{"schema_version", 2}, {"notice", kNotice},
                         {"status", "refused"}, {"input", {{"path", "wards/p\xef\xbf\xbd"}}},
                         {"code", 2},           {"reason", "no CT in 'wards'"}};
  const Json usual = Json::parse(to_json(refusal, "wards/p\xff"));
  EXPECT_EQ(usual, expected);
  expect_conforms(schema("refusal"), schema("refusal"), usual, "");
  const Json anonymous = Json::parse(to_json(refusal, "wards/p\xff", Disclosure::anonymous));
  EXPECT_EQ(anonymous["input"], Json::object());
  EXPECT_EQ(anonymous["reason"], "no CT in ...");
  const std::string line = to_json(Error(Status::resources, "disk\nfull"), "x", Disclosure::usual, true);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(Json::parse(line)["status"], "failed");
  EXPECT_EQ(Json::parse(line)["code"], 4);
  EXPECT_EQ(Json::parse(to_json(Error(Status::usage, "no CT at all"), ""))["input"], Json::object());
}

TEST(Json, TakesOneLineWhereAsked) {
  const Result result = test::made_up_screening(true).result;
  const std::string line = to_json(result, Disclosure::usual, true);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(Json::parse(line), Json::parse(to_json(result)));
}

TEST(Json, IsPlainAscii) {
  Result result = test::made_up_screening(false).result;
  result.input.provenance.path = "\x1b]0;x\x07/\xc2\x9b\x7f/\xe2\x80\xae";
  for (const char c : to_json(result)) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
  EXPECT_EQ(Json::parse(to_json(result))["input"]["path"], result.input.provenance.path.string());
}

TEST(Json, HasTheValuesOfTheResult) {
  const Json result = Json::parse(to_json(test::made_up_screening(true).result));
  EXPECT_EQ(result["schema_version"], 2);
  EXPECT_EQ(result["case"]["result"], "covid19");
  EXPECT_EQ(result["case"]["s_influenza_a"], 0.3544);
  EXPECT_EQ(result["case"]["p_infection"], 0.93);
  ASSERT_EQ(result["regions"].size(), 3U);
  const Json& region = result["regions"][0];
  EXPECT_EQ(region["label"], "covid19");
  EXPECT_EQ(region["box_voxels"]["low"], Json({4, 14, 12}));
  EXPECT_EQ(region["box_mm"]["low"], Json({-36.0, -12.0, 117.5}));  // x: -59 + 12 * 2 - 1, z: 100 + 4 * 5 - 2.5
  EXPECT_EQ(region["box_mm"]["high"], Json({-20.0, 8.0, 137.5}));
  EXPECT_EQ(region["votes"][0]["label"], "irrelevant");
  EXPECT_EQ(region["votes"][2]["slice"], 7);
  EXPECT_EQ(region["votes"][1]["logits"]["irrelevant"], 0.5);
  EXPECT_EQ(result["lungs"]["left_litres"], 2.25);
  EXPECT_EQ(result["run"]["weights_sha256"], std::string(64, 'a'));
  EXPECT_EQ(result["run"]["network_shape"], Json({16, 32, 48}));
  EXPECT_EQ(result["stages"][1]["seconds"], 1.25);
  EXPECT_EQ(result["warnings"], Json({"made up"}));
}

TEST(Json, TellsOfTuningWhereThereWasAny) {
  Result result = test::made_up_screening(false).result;
  EXPECT_FALSE(Json::parse(to_json(result))["run"].contains("tuning"));
  result.run.tuning = {"reused", 3};
  EXPECT_EQ(Json::parse(to_json(result))["run"]["tuning"], Json({{"cache", "reused"}, {"measured", 3}}));
}

TEST(Json, KeepsTheOrderOfItsKeys) {
  const auto result = ordered_json::parse(to_json(test::made_up_screening(true).result));
  std::vector<std::string> keys;
  for (const auto& [key, value] : result.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("schema_version", "notice", "status", "input", "case", "regions", "lungs",
                                         "geometry", "stages", "run", "options", "warnings"));
}

TEST(Json, SurvivesTextThatIsNotUtf8) {
  Result result = test::made_up_screening(false).result;
  result.warnings = {"file \xff.dcm"};
  EXPECT_EQ(Json::parse(to_json(result))["warnings"][0], "file \xef\xbf\xbd.dcm");
}

}  // namespace
}  // namespace pleura::report
