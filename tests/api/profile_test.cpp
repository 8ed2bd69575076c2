// Profiles as they are written: each form parses, says the same as the others, and adds up. No time is asserted.
#include "pleura/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/fixture.hpp"
#include "api/profile/figures.hpp"
#include "phantom/write.hpp"

namespace pleura::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::vector<std::vector<std::string>> lines_of(const std::string& csv) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream text(csv);
  for (std::string line; std::getline(text, line);) {
    std::istringstream cells(line + ",");
    lines.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) lines.back().push_back(cell);
  }
  return lines;
}

/// Profiles once, on noise and on a phantom.
class ProfileTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    weights_ = new std::filesystem::path(small_weights(*folder_));
    on_noise_ = new Profile(profile_weights(*weights_, options("noise")));
  }
  static void TearDownTestSuite() {
    delete on_noise_;
    delete weights_;
    delete folder_;
  }

  static ProfileOptions options(const std::string& name) {
    ProfileOptions options;
    options.engine.threads = 2;
    options.engine.memory_bytes = std::uint64_t{1} << 30;
    options.shape = {32, 16, 48};
    options.runs = 2;
    options.csv = *folder_ / (name + ".csv");
    options.json = *folder_ / (name + ".json");
    options.trace = *folder_ / (name + ".trace.json");
    options.html = *folder_ / (name + ".html");
    return options;
  }

  static std::string read(const std::string& name) { return text_of(*folder_ / name); }

  static TemporaryFolder* folder_;
  static std::filesystem::path* weights_;
  static Profile* on_noise_;
};

TemporaryFolder* ProfileTest::folder_ = nullptr;
std::filesystem::path* ProfileTest::weights_ = nullptr;
Profile* ProfileTest::on_noise_ = nullptr;

TEST_F(ProfileTest, JsonAddsUp) {
  const json found = json::parse(on_noise_->json);
  EXPECT_EQ(found, json::parse(read("noise.json")));
  EXPECT_TRUE(found["pipeline"].empty());
  EXPECT_FALSE(found.contains("ct"));
  ASSERT_EQ(found["networks"].size(), 3U);
  EXPECT_EQ(found["networks"][0]["input"], json({1, 32, 16, 48, 1}));
  for (const json& network : found["networks"]) {
    std::int64_t calls = 0, flops = 0, bytes = 0, of_stages = 0;
    double share = 0, floor = 0;
    for (const json& layer : network["layers"]) {
      calls += layer["calls"].get<std::int64_t>();
      flops += layer["flops"].get<std::int64_t>();
      bytes += layer["bytes"].get<std::int64_t>();
      share += layer["share"].get<double>();
      floor += layer["floor_seconds"].get<double>();
      EXPECT_EQ(layer["bytes"], layer["weight_bytes"].get<std::int64_t>() + layer["input_bytes"].get<std::int64_t>() +
                                    layer["output_bytes"].get<std::int64_t>());
    }
    for (const json& stage : network["stages"]) of_stages += stage["layers"].get<std::int64_t>();
    EXPECT_EQ(calls, network["steps"]);
    EXPECT_EQ(calls, network["total"]["calls"]);
    EXPECT_EQ(flops, network["total"]["flops"]);
    EXPECT_EQ(bytes, network["total"]["bytes"]);
    EXPECT_EQ(of_stages, static_cast<std::int64_t>(network["layers"].size()));
    EXPECT_NEAR(share, 1, 1e-9);
    EXPECT_NEAR(floor, network["total"]["floor_seconds"].get<double>(), 1e-9);
  }
}

TEST_F(ProfileTest, CsvSaysWhatJsonSays) {
  const auto lines = lines_of(read("noise.csv"));
  const json found = json::parse(on_noise_->json);
  std::size_t line = 1;
  for (const json& network : found["networks"])
    for (const json& layer : network["layers"]) {
      ASSERT_LT(line, lines.size());
      ASSERT_EQ(lines[line].size(), lines[0].size());
      std::map<std::string, std::string> cells;
      for (std::size_t i = 0; i < lines[0].size(); ++i) cells[lines[0][i]] = lines[line][i];
      EXPECT_EQ(cells["network"], network["name"]);
      EXPECT_EQ(cells["layer"], layer["name"]);
      EXPECT_EQ(cells["flop"], layer["flops"].dump());
      EXPECT_EQ(cells["output_byte"], layer["output_bytes"].dump());
      EXPECT_NEAR(std::stod(cells["median_s"]), layer["seconds"]["median"].get<double>(), 1e-9);
      EXPECT_EQ(cells["bound"], layer["bound"]);
      ++line;
    }
  EXPECT_EQ(line, lines.size());
}

/// Sorted by their begin, and on a track each lies within the ones that are still open.
void expect_nested(const json& events) {
  std::map<int, std::vector<double>> open;  // ends, by track
  double before = 0;
  for (const json& event : events) {
    if (event["ph"] == "M") continue;
    ASSERT_EQ(event["ph"], "X");
    const double begin = event["ts"].get<double>(), end = begin + event["dur"].get<double>();
    EXPECT_GE(begin, before);
    EXPECT_GE(end, begin);
    before = begin;
    std::vector<double>& ends = open[event["tid"].get<int>()];
    constexpr double rounding = 1e-4;  // microseconds: whole nanoseconds as doubles
    while (!ends.empty() && ends.back() <= begin + rounding) ends.pop_back();
    EXPECT_TRUE(ends.empty() || end <= ends.back() + rounding) << event;
    ends.push_back(end);
  }
}

std::int64_t count(const json& events, const std::string& category) {
  return std::count_if(events.begin(), events.end(),
                       [&](const json& event) { return event.value("cat", "") == category; });
}

TEST_F(ProfileTest, TraceNests) {
  const json events = json::parse(read("noise.trace.json"))["traceEvents"];
  expect_nested(events);
  std::int64_t steps = 0;
  const json networks = json::parse(on_noise_->json)["networks"];
  for (const json& network : networks) steps += network["steps"].get<std::int64_t>();
  EXPECT_EQ(count(events, "layer"), 2 * steps) << "two runs";
  EXPECT_EQ(count(events, "pass"), 2 * 3) << "of three networks";
  EXPECT_EQ(count(events, "stage"), 0);
}

TEST_F(ProfileTest, HtmlNeedsNothingElse) {
  const std::string page = read("noise.html");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* outside : {"http://", "https://", "src=\"", "href=", "@import", "url("})
    EXPECT_THAT(page, testing::Not(HasSubstr(outside))) << outside;
  for (const char* part : {"<svg", "class=\"roof\"", "prefers-color-scheme: dark", "addEventListener(\"click\"",
                           "down1.convs.0", "classifiers/m2"})
    EXPECT_THAT(page, HasSubstr(part));
  for (const char* tag : {"table", "tr", "td", "th", "svg", "h2", "div", "span", "style", "script", "html"}) {
    const auto times = [&](const std::string& what) {
      std::int64_t found = 0;
      for (auto at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) ++found;
      return found;
    };
    const std::string name = tag;
    EXPECT_EQ(times("<" + name + ">") + times("<" + name + " "), times("</" + name + ">")) << tag;
  }
}

TEST_F(ProfileTest, TableNamesEachLayer) {
  for (const char* part :
       {"segmenter, fp32, input 1 x 32 x 16 x 48 x 1", "down1.convs.0.mid2b", "marks between the steps cost",
        "packed weights", "GFLOP/s", "classifiers/m1, fp32", "total", "on noise"})
    EXPECT_THAT(on_noise_->table, HasSubstr(part));
}

TEST_F(ProfileTest, ACtGoesThroughItsStages) {
  const auto ct = *folder_ / "phantom";
  phantom::write_phantom(small_phantom(1), 1, {ct, phantom::Format::nifti, false});
  ProfileOptions how = options("ct");
  how.ct = ct / "ct.nii.gz";
  how.classifier = Classifier::m2;
  const json found = json::parse(profile_weights(*weights_, how).json);
  EXPECT_EQ(found["ct"], how.ct.string());
  std::vector<std::string> names;
  for (const json& stage : found["pipeline"]) {
    names.push_back(stage["name"]);
    EXPECT_EQ(stage["runs"], names.size() == 1 ? 1 : 2);
  }
  EXPECT_THAT(names, testing::ElementsAre("read", "lungs", "resample", "segmenter", "candidates", "patches m2",
                                          "classifier m2", "decision m2"));
  ASSERT_EQ(found["networks"].size(), 2U);
  EXPECT_EQ(found["networks"][1]["name"], "classifiers/m2");
  EXPECT_NE(found["networks"][0]["input"], json({1, 32, 16, 48, 1})) << "the CT's grid";
  const json events = json::parse(read("ct.trace.json"))["traceEvents"];
  expect_nested(events);
  EXPECT_EQ(count(events, "run"), 3) << "one to warm up";
  EXPECT_EQ(count(events, "stage"), 3 * 7);
  EXPECT_THAT(read("ct.html"), HasSubstr("classifier m2"));
}

TEST_F(ProfileTest, RefusesBeforeTheWork) {
  const auto status = [&](const auto& change) {
    ProfileOptions how = options("refused");
    change(how);
    try {
      (void)profile_weights(*weights_, how);
    } catch (const Error& error) {
      return error.status();
    }
    return Status::done;
  };
  EXPECT_EQ(status([](ProfileOptions& how) { how.shape[1] = 17; }), Status::usage);
  EXPECT_EQ(status([](ProfileOptions& how) { how.shape[2] = 0; }), Status::usage);
  EXPECT_EQ(status([](ProfileOptions& how) { how.runs = 0; }), Status::usage);
  EXPECT_EQ(status([](ProfileOptions& how) { how.csv = folder_->path(); }), Status::usage) << "a folder";
  EXPECT_EQ(status([](ProfileOptions& how) { how.html = *folder_ / "absent" / "x.html"; }), Status::resources);
  EXPECT_EQ(status([](ProfileOptions& how) { how.ct = *folder_ / "absent"; }), Status::input_refused);
  EXPECT_EQ(status([](ProfileOptions& how) { how.engine.precision = Precision::fp16; }), Status::usage);
  EXPECT_EQ(status([](ProfileOptions& how) { how.engine.device = "tpu"; }), Status::usage);
  for (const char* file : {"refused.csv", "refused.json", "refused.trace.json", "refused.html"})
    EXPECT_FALSE(std::filesystem::exists(*folder_ / file)) << file;
}

TEST(ProfileFigures, PercentilesAreNearestRanks) {
  std::vector<double> seconds;
  for (int i = 40; i >= 1; --i) seconds.push_back(i);
  const api::Times times = api::times_of(seconds);
  EXPECT_EQ(times.min, 1);
  EXPECT_EQ(times.median, 20);
  EXPECT_EQ(times.p95, 38);
  EXPECT_EQ(api::times_of({3}).p95, 3);
  EXPECT_EQ(api::times_of({}).median, 0);
}

/// A machine of 100 FLOP/s and 10 byte/s: its ridge lies at 10 FLOPs a byte.
TEST(ProfileFigures, TheRooflineSaysWhatBinds) {
  const kernels::Peaks peaks{100, 10, ""};
  const api::Rates compute = api::rates_of(1000, 50, 12, peaks);
  EXPECT_EQ(compute.floor_seconds, 10);
  EXPECT_EQ(compute.intensity, 20);
  EXPECT_EQ(compute.roof, api::Bound::compute);
  EXPECT_EQ(compute.bound, api::Bound::compute);
  EXPECT_NEAR(compute.share_of_roof, 10.0 / 12, 1e-12);
  const api::Rates memory = api::rates_of(100, 50, 10, peaks);
  EXPECT_EQ(memory.floor_seconds, 5);
  EXPECT_EQ(memory.bound, api::Bound::memory) << "half of the roof is enough";
  EXPECT_EQ(memory.flops, 10);
  EXPECT_EQ(memory.bytes, 5);
  const api::Rates slow = api::rates_of(100, 50, 10.1, peaks);
  EXPECT_EQ(slow.roof, api::Bound::memory);
  EXPECT_EQ(slow.bound, api::Bound::neither);
}

}  // namespace
}  // namespace pleura::test
