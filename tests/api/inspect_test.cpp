#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "pleura/pleura.hpp"
#include "scan/temporary_folder.hpp"
#include "weights/model.hpp"

namespace pleura {
namespace {

using nlohmann::json;

class Inspect : public testing::Test {
 protected:
  Inspect() : file_(folder_ / "model.h5") { write_random_weights({"vnet-ir-rpn", 1, {4, 8, 8, 16, 16}, true}, file_); }

  scan::test::TemporaryFolder folder_;
  std::filesystem::path file_;
};

TEST_F(Inspect, CountsWhatTheFileHolds) {
  const weights::Model model = weights::read_model(file_);
  const json found = json::parse(inspect_weights(file_, std::nullopt, true));
  EXPECT_EQ(found["sha256"], model.sha256);
  EXPECT_EQ(found["bytes"], std::filesystem::file_size(file_));
  EXPECT_EQ(found["provenance"], model.provenance);
  std::int64_t parameters = 0;
  for (const auto& [name, tensor] : model.segmenter->tensors)
    if (name.find(".running_") == std::string::npos) parameters += static_cast<std::int64_t>(tensor.values.size());
  const json& segmenter = found["networks"]["segmenter"];
  EXPECT_EQ(segmenter["parameters"], parameters);
  EXPECT_EQ(segmenter["attributes"]["channels"], json({4, 8, 8, 16, 16}));
  EXPECT_EQ(segmenter["attributes"]["block"], "inception-resnet");
  EXPECT_FALSE(segmenter.contains("plan"));
  EXPECT_EQ(found["networks"]["classifiers/m1"]["attributes"]["uses_distance"], 0);
  EXPECT_EQ(found["networks"]["classifiers/m2"]["attributes"]["uses_distance"], 1);
}

TEST_F(Inspect, PlansForAShape) {
  const json found = json::parse(inspect_weights(file_, Index3{32, 48, 64}, true))["networks"]["segmenter"];
  const json& stem = found["layers"][0];
  EXPECT_EQ(stem["name"], "stem.conv");
  EXPECT_EQ(stem["output"], json({32, 48, 64}));
  EXPECT_EQ(stem["macs"], 32 * 48 * 64 * 125 * 4);
  EXPECT_EQ(found["flops"], 2 * found["macs"].get<std::int64_t>());
  EXPECT_EQ(found["macs_per_voxel"], found["macs"].get<std::int64_t>() / (32 * 48 * 64));
  EXPECT_GT(found["plan"]["arena_bytes"], 0);
  EXPECT_GT(found["plan"]["weight_bytes"], 0);
}

TEST_F(Inspect, PlansForADevice) {
  EngineOptions options;
  options.device = "reference";
  const json found = json::parse(inspect_weights(file_, Index3{16, 16, 16}, true, options))["networks"]["segmenter"];
  EXPECT_EQ(found["plan"]["device"], "reference");
  for (const json& layer : found["layers"]) EXPECT_EQ(layer["variant"], "reference");
  const json on_cpu = json::parse(inspect_weights(file_, Index3{16, 16, 16}, true))["networks"]["segmenter"];
  EXPECT_NE(on_cpu["layers"][0]["variant"], "reference");
  options.precision = Precision::fp16;
  options.device = "cpu";
  EXPECT_THROW((void)inspect_weights(file_, Index3{16, 16, 16}, true, options), Error);
}

TEST_F(Inspect, WritesText) {
  const std::string text = inspect_weights(file_, Index3{16, 16, 32});
  for (const char* part : {"vnet-ir-rpn-random-1", "Research use only", "segmenter\n", "classifiers/m2\n",
                           "down1.convs.0.mid2b", "16 x 16 x 32: ", "MB of arena"})
    EXPECT_THAT(text, testing::HasSubstr(part));
  EXPECT_THAT(inspect_weights(file_), testing::Not(testing::HasSubstr("16 x 16")));
}

TEST_F(Inspect, RefusesShapesThatTheNetworkCannotTake) {
  for (const Index3& shape : {Index3{16, 16, 17}, Index3{0, 16, 16}, Index3{-16, 16, 16}}) {
    try {
      (void)inspect_weights(file_, shape);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
    }
  }
}

}  // namespace
}  // namespace pleura
