#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "report/made_up.hpp"

namespace pleura::report {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

json schema() { return json::parse(std::ifstream(std::string(PLEURA_SOURCE_DIR) + "/docs/result.schema.json")); }

/// The part of the schema that a "$ref" names.
const json& resolved(const json& root, const json& part) {
  if (!part.contains("$ref")) return part;
  return root.at(json::json_pointer(part.at("$ref").get<std::string>().substr(1)));
}

/// Names and kinds: every object has exactly the required keys, and the schema allows no others.
void expect_conforms(const json& root, const json& rule, const json& value, const std::string& path) {
  const json& part = resolved(root, rule);
  if (part.contains("enum")) {
    EXPECT_THAT(part.at("enum"), testing::Contains(value)) << path;
  } else if (part.contains("const")) {
    EXPECT_EQ(part.at("const"), value) << path;
  } else if (part.at("type") == "object") {
    ASSERT_TRUE(value.is_object()) << path;
    EXPECT_EQ(part.at("additionalProperties"), false) << path;
    EXPECT_EQ(part.at("required").size(), part.at("properties").size()) << path;
    EXPECT_EQ(value.size(), part.at("properties").size()) << path;
    for (const auto& [key, inner] : part.at("properties").items()) {
      ASSERT_TRUE(value.contains(key)) << path << '/' << key;
      expect_conforms(root, inner, value.at(key), path + '/' + key);
    }
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
  for (const bool with_regions : {false, true}) {
    const json result = json::parse(to_json(test::made_up_screening(with_regions).result));
    expect_conforms(schema(), schema(), result, "");
  }
}

TEST(Json, HasTheValuesOfTheResult) {
  const json result = json::parse(to_json(test::made_up_screening(true).result));
  EXPECT_EQ(result["schema_version"], 1);
  EXPECT_EQ(result["case"]["result"], "covid19");
  EXPECT_EQ(result["case"]["s_influenza_a"], 0.3544);
  ASSERT_EQ(result["regions"].size(), 3U);
  const json& region = result["regions"][0];
  EXPECT_EQ(region["label"], "covid19");
  EXPECT_EQ(region["box_voxels"]["low"], json({4, 14, 12}));
  EXPECT_EQ(region["box_mm"]["low"], json({-36.0, -12.0, 117.5}));  // x: -59 + 12 * 2 - 1, z: 100 + 4 * 5 - 2.5
  EXPECT_EQ(region["box_mm"]["high"], json({-20.0, 8.0, 137.5}));
  EXPECT_EQ(region["votes"][0]["label"], "irrelevant");
  EXPECT_EQ(region["votes"][2]["slice"], 7);
  EXPECT_EQ(region["votes"][1]["logits"]["irrelevant"], 0.5);
  EXPECT_EQ(result["lungs"]["left_litres"], 2.25);
  EXPECT_EQ(result["run"]["weights_sha256"], std::string(64, 'a'));
  EXPECT_EQ(result["run"]["network_shape"], json({16, 32, 48}));
  EXPECT_EQ(result["stages"][1]["seconds"], 1.25);
  EXPECT_EQ(result["warnings"], json({"made up"}));
}

TEST(Json, KeepsTheOrderOfItsKeys) {
  const auto result = ordered_json::parse(to_json(test::made_up_screening(true).result));
  std::vector<std::string> keys;
  for (const auto& [key, value] : result.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("schema_version", "notice", "case", "regions", "lungs", "geometry", "stages",
                                         "run", "warnings"));
}

TEST(Json, SurvivesTextThatIsNotUtf8) {
  Result result = test::made_up_screening(false).result;
  result.warnings = {"file \xff.dcm"};
  EXPECT_EQ(json::parse(to_json(result))["warnings"][0], "file \xef\xbf\xbd.dcm");
}

}  // namespace
}  // namespace pleura::report
