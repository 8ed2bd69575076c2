/// The built command, run as a user runs it.
#include "tools/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "api/fixture.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::slurp;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CommandTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TemporaryFolder;
    weights_ = new std::string(test::small_weights(*folder_).string());
    for (const char* name : {"one", "two"}) {
      const std::string seed = name == std::string("one") ? "1" : "2";
      ASSERT_EQ(run("phantom --seed " + seed +
                    " --findings covid19 --format nifti --spacing 6,3,3 --matrix 128 --out " + path(name))
                    .code,
                0);
    }
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete weights_;
  }

  static std::string path(const std::string& name) { return (*folder_ / name).string(); }

  /// Runs `pleura ARGUMENTS` through the shell.
  static Outcome run(const std::string& arguments) { return test::run_command(arguments, folder_->path()); }

  static std::string screen(const std::string& cts, const std::string& out) {
    return "screen " + cts + " --weights " + *weights_ + " --out " + path(out);
  }

  static std::string ct(const std::string& name) { return path(name) + "/ct.nii.gz"; }

  static test::TemporaryFolder* folder_;
  static std::string* weights_;
};

test::TemporaryFolder* CommandTest::folder_ = nullptr;
std::string* CommandTest::weights_ = nullptr;

TEST_F(CommandTest, HelpHasAnExampleEverywhere) {
  for (const char* command : {"", "screen", "serve", "inspect", "devices", "profile", "tune", "bench", "compare",
                              "scan", "extract", "evaluate", "weights random", "phantom"}) {
    const Outcome help = run(std::string(command) + " --help");
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("Example: pleura ")) << command;
    EXPECT_THAT(help.err, IsEmpty()) << command;
  }
  EXPECT_THAT(run("--help").out, HasSubstr("Exit codes: 0 done, 1 wrong usage"));
  EXPECT_EQ(run("--version").out, std::string("pleura ") + version() + "\n");
}

TEST_F(CommandTest, WrongUsageIsOne) {
  for (const char* arguments : {"",
                                "dance",
                                "screen",
                                "screen x --out y",
                                "scan",
                                "inspect",
                                "extract x",
                                "weights",
                                "weights random --arch resnet --out x",
                                "screen x --weights y --out z --precision int8",
                                "screen x --weights y --out z --kernels fast",
                                "screen x --weights y --out z --memory much",
                                "screen x --weights y --out z --device cuda:0,cpu",
                                "screen x --weights y --out z --device cuda:0,cuda:00",
                                "screen x --weights y --out z --device cuda:0,1 --memory 2G",
                                "screen x --weights y --out z --threshold 2",
                                "screen x --weights y --out z --json here",
                                "screen x --weights y --out z --identify --anonymous",
                                "extract x --out y --field 0",
                                "inspect x --shape 1,2",
                                "profile",
                                "profile x --shape 1,2",
                                "profile x --runs 0",
                                "profile x --classifier m3",
                                "profile x --precision int8",
                                "profile x ct --shape 16,16,16",
                                "screen x --weights y --out z --tune-cache t",
                                "tune",
                                "tune x --shape 1,2",
                                "tune x ct --shape 16,16,16",
                                "bench",
                                "bench x --runs 0",
                                "bench x --warm-up -1",
                                "bench x --tolerance 5",
                                "bench x --seconds -1",
                                "bench x --cold 0",
                                "bench x y --sweep --cold 1",
                                "bench x --sweep --against y",
                                "bench x --classifier m3",
                                "compare x cpu --weights y",
                                "compare x cpu cpu,fp8 --weights y",
                                "compare x cpu cpu",
                                "serve x",
                                "serve x --watch y",
                                "serve x --watch y --out z --socket s",
                                "serve x --socket s --marker .done"}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments;
    EXPECT_THAT(outcome.err, Not(IsEmpty())) << arguments;
  }
}

TEST_F(CommandTest, CudnnIsRefusedOnTheCpu) {
  const Outcome outcome = run(screen(ct("one"), "out") + " --kernels cudnn");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("kernels cudnn on device cpu: expected a CUDA device, or native kernels"));
  EXPECT_EQ(run("inspect " + *weights_ + " --kernels cudnn").code, 1);
  EXPECT_EQ(run("inspect " + *weights_ + " --kernels any").code, 0);
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(CommandTest, ARefusedCtIsTwo) {
  for (const std::string& arguments : {screen(path("absent"), "out"), "scan " + path("absent"), "scan " + *weights_,
                                       "extract " + path("absent") + " --out " + path("x.h5")}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments << outcome.err;
  }
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(CommandTest, RefusedWeightsAreThree) {
  EXPECT_EQ(run("screen " + ct("one") + " --weights " + ct("one") + " --out " + path("out")).code, 3);
  EXPECT_EQ(run("inspect " + ct("one")).code, 3);
  EXPECT_EQ(run("profile " + ct("one")).code, 3);
  EXPECT_EQ(run("extract " + ct("one") + " --weights " + path("absent.h5") + " --out " + path("x.h5")).code, 3);
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(CommandTest, MissingResourcesAreFour) {
  const Outcome cuda = run(screen(ct("one"), "out") + " --device cuda");
  EXPECT_EQ(cuda.code, 4);
  EXPECT_THAT(cuda.err, HasSubstr("has no CUDA"));
  EXPECT_EQ(run(screen(ct("one"), "out") + " --memory 1k").code, 4);
  EXPECT_EQ(run("weights random --out " + path("absent/x.h5")).code, 4);
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(CommandTest, ScreensToAFolderAndATable) {
  const Outcome outcome = run(screen(ct("one"), "result") + " --save-masks --memory 2G --threads 2");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Case"));
  EXPECT_THAT(outcome.out, HasSubstr("written to " + path("result")));
  EXPECT_THAT(outcome.err, IsEmpty()) << "no progress bar in a pipe";
  for (const char* file : {"result.json", "montage.png", "lungs.nii.gz", "regions.nii.gz"})
    EXPECT_TRUE(fs::exists(path("result") + "/" + file)) << file;
  const auto json = nlohmann::json::parse(slurp(path("result") + "/result.json"));
  EXPECT_EQ(json["stages"][0]["name"], "read");
  EXPECT_EQ(run(screen(ct("two"), "result")).code, 0) << "an earlier result is replaced";
  EXPECT_FALSE(fs::exists(path("result") + "/lungs.nii.gz"));
}

TEST_F(CommandTest, DrawsNoPicturesWhereNoneAreWanted) {
  ASSERT_EQ(run(screen(ct("one"), "bare") + " --no-pictures").code, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(path("bare")), {}), 1) << "result.json alone";
  EXPECT_EQ(nlohmann::json::parse(slurp(path("bare/result.json")))["options"]["pictures"], false);
}

TEST_F(CommandTest, SaysErrorsAloneWhereItIsToBeQuiet) {
  const Outcome done = run(screen(ct("one"), "quiet") + " --quiet");
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out + done.err, "");
  EXPECT_TRUE(fs::exists(path("quiet/result.json")));
  const Outcome refused = run(screen(path("absent"), "quiet") + " --quiet");
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err, "pleura: " + path("absent") + ": no such file or folder\n");
  EXPECT_EQ(run(screen(ct("one"), "quiet") + " --quiet --json -").code, 1) << "one or the other";
}

TEST_F(CommandTest, RefusesAForeignFolderBeforeItWorks) {
  fs::create_directories(path("foreign"));
  std::ofstream(path("foreign/letter.txt")) << "mine";
  const Outcome outcome = run(screen(path("absent"), "foreign"));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("letter.txt"));
}

TEST_F(CommandTest, FindsAnUnwritableFolderBeforeItWorks) {
  const Outcome outcome = run("screen " + path("absent") + " --weights " + *weights_ + " --out /proc/pleura/x");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("/proc/pleura/x: cannot be written: "));
  EXPECT_THAT(outcome.err, Not(HasSubstr("absent"))) << "the CT was looked at first";
}

TEST_F(CommandTest, TimesAllThatItDoes) {
  ASSERT_EQ(run(screen(ct("one"), "timed") + " --save-masks --series ct.nii.gz").code, 0);
  const auto json = nlohmann::json::parse(slurp(path("timed/result.json")));
  std::vector<std::string> names;
  double together = 0;
  for (const auto& stage : json["stages"]) {
    names.push_back(stage["name"]);
    together += stage["seconds"].get<double>();
  }
  EXPECT_THAT(names, testing::ElementsAre("read", "weights", "lungs", "resample", "segmenter", "candidates", "patches",
                                          "classifier", "decision", "pictures", "masks"));
  together -= std::min(json["stages"][0]["seconds"].get<double>(), json["stages"][1]["seconds"].get<double>());
  EXPECT_GE(json["run"]["seconds_total"], together - 1e-9);
  EXPECT_EQ(json["options"]["series"], "ct.nii.gz");
  EXPECT_EQ(json["options"]["weights"], *weights_);
  EXPECT_EQ(json["options"]["save_masks"], true);
  EXPECT_EQ(json["options"]["max_regions"], 8);
}

TEST_F(CommandTest, AnAnonymousResultNamesNothing) {
  fs::create_directories(path("Jane Doe"));
  fs::copy_file(ct("one"), path("Jane Doe/DOE.nii.gz"), fs::copy_options::overwrite_existing);
  for (const char* name : {"letter.txt", "Jane Roe"}) std::ofstream(path(std::string("Jane Doe/") + name)) << "no CT";
  const std::string asked = screen("'" + path("Jane Doe") + "'", "anonymous");
  const Outcome outcome = run(asked + " --anonymous --json -");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const char* name : {"Jane", "Doe", "DOE", "letter", "/"}) EXPECT_THAT(outcome.out, Not(HasSubstr(name)));
  EXPECT_THAT(outcome.out, HasSubstr("...: of no format that pleura reads"));
  EXPECT_EQ(outcome.out, slurp(path("anonymous/result.json")));
  EXPECT_THAT(run(asked + " --anonymous").out, Not(HasSubstr("Jane")));
  EXPECT_THAT(run(asked).out, HasSubstr("letter.txt"));
}

TEST_F(CommandTest, PrintsALineOfJsonForEachOfSeveralCts) {
  const std::string bad = path("bad\xff.nii");
  std::ofstream(bad) << "no CT";
  const Outcome outcome = run(screen(ct("one") + " '" + bad + "' " + ct("two"), "lines") + " --json -");
  EXPECT_EQ(outcome.code, 2);
  std::istringstream lines(outcome.out);
  std::vector<nlohmann::json> cts;
  for (std::string line; std::getline(lines, line);) cts.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(cts.size(), 3U);
  EXPECT_EQ(cts[0], nlohmann::json::parse(slurp(path("lines/ct/result.json"))));
  EXPECT_EQ(cts[2], nlohmann::json::parse(slurp(path("lines/ct-2/result.json"))));
  EXPECT_EQ(cts[0]["input"]["path"], ct("one"));
  EXPECT_EQ(cts[2]["input"]["path"], ct("two"));
  EXPECT_EQ(cts[1]["status"], "refused");
  EXPECT_EQ(cts[1]["code"], 2);
  EXPECT_EQ(cts[1]["input"]["path"], path("bad") + "\xef\xbf\xbd.nii");
  EXPECT_THAT(cts[1]["reason"], testing::StartsWith("of no format")) << "the path is beside it";
}

TEST_F(CommandTest, PrintsARefusalAsJsonToo) {
  const Outcome outcome = run(screen(path("absent"), "out") + " --json -");
  EXPECT_EQ(outcome.code, 2);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["status"], "refused");
  EXPECT_EQ(json["reason"], "no such file or folder");
  EXPECT_EQ(outcome.err, "pleura: " + path("absent") + ": no such file or folder\n");
}

TEST_F(CommandTest, MixesNoResults) {
  ASSERT_EQ(run(screen(ct("one"), "single")).code, 0);
  const Outcome outcome = run(screen(ct("one") + " " + ct("two"), "single"));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("single: found the result of one CT"));
}

TEST_F(CommandTest, PrintsTheJsonAlone) {
  const Outcome outcome = run(screen(ct("one"), "json") + " --json - --classifier m1");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, slurp(path("json/result.json")));
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["run"]["classifier"], "m1");
}

TEST_F(CommandTest, OneRefusedCtDoesNotStopTheOthers) {
  const std::string bad = path("bad.nii");
  std::ofstream(bad) << "no CT";
  const Outcome outcome = run(screen(ct("one") + " " + bad + " " + ct("two"), "several"));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("bad.nii"));
  EXPECT_THAT(outcome.err, Not(HasSubstr(bad + ": " + bad))) << "named once";
  EXPECT_TRUE(fs::exists(path("several/ct/result.json"))) << "named by the CT";
  EXPECT_TRUE(fs::exists(path("several/ct-2/result.json"))) << "numbered where names are alike";
  EXPECT_FALSE(fs::exists(path("several/bad")));

  // The same as each on its own.
  ASSERT_EQ(run(screen(ct("two"), "alone")).code, 0);
  const auto alone = nlohmann::json::parse(slurp(path("alone/result.json")));
  const auto second = nlohmann::json::parse(slurp(path("several/ct-2/result.json")));
  EXPECT_EQ(alone["regions"], second["regions"]);
  EXPECT_EQ(alone["case"], second["case"]);
}

TEST_F(CommandTest, ScansToTextAndJson) {
  EXPECT_THAT(run("scan " + ct("one")).out, HasSubstr("NIfTI"));
  const Outcome outcome = run("scan --json " + ct("one"));
  EXPECT_EQ(outcome.code, 0);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["series"][0]["chosen"], true);
  EXPECT_EQ(json["series"][0]["geometry"]["spacing_mm"][0], 6);
}

TEST_F(CommandTest, ScanCountsFilesAlikeAndListsThemInJson) {
  fs::create_directory(path("alike"));
  fs::copy_file(ct("one"), path("alike/ct.nii.gz"));
  for (int i = 0; i < 25; ++i) std::ofstream(path("alike/" + std::to_string(i) + ".txt")) << "text";
  const std::string text = run("scan " + path("alike")).out;
  EXPECT_THAT(text, HasSubstr("path     ct.nii.gz\n"));
  EXPECT_THAT(text, HasSubstr("25 files could not be used:"));
  EXPECT_THAT(text, HasSubstr("  and 5 more: of no format that pleura reads\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 8 + 20 + 1);
  const auto json = nlohmann::json::parse(run("scan --json " + path("alike")).out);
  EXPECT_EQ(json["refused_files"].size(), 25U);
  EXPECT_EQ(json["series"][0]["path"], "ct.nii.gz");
}

TEST_F(CommandTest, InspectsWeights) {
  const Outcome text = run("inspect " + *weights_);
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("segmenter"));
  const Outcome json = run("inspect " + *weights_ + " --json --shape 32,32,32");
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_TRUE(nlohmann::json::parse(json.out).is_object());
}

TEST_F(CommandTest, TellsOfDevices) {
  const Outcome text = run("devices");
  EXPECT_EQ(text.code, 0) << text.err;
  for (const char* word : {"cpu ", "cuda", "fp32: ", "bf16: ", "cuDNN ", "cuBLASLt "})
    EXPECT_THAT(text.out, HasSubstr(word));
  const Outcome json = run("devices --json");
  EXPECT_EQ(json.code, 0) << json.err;
  const auto devices = nlohmann::json::parse(json.out);
  EXPECT_GE(devices["cpu"]["cores"], 1);
  EXPECT_GT(devices["cpu"]["memory_bytes"], 1 << 20);
  EXPECT_FALSE(devices["cpu"]["runs"]["fp32"].empty());
  EXPECT_EQ(devices["gpus"].empty(), devices.contains("no_gpu"));
  ASSERT_EQ(devices["libraries"].size(), 2U);
  // Another library changes no exit code.
  const Outcome none = test::run_command("devices --json", folder_->path(), "PLEURA_CUDNN=/none");
  EXPECT_EQ(none.code, 0) << none.err;
  const auto why = nlohmann::json::parse(none.out)["libraries"][0]["why"].get<std::string>();
  EXPECT_THAT(why, testing::AnyOf(HasSubstr("PLEURA_CUDNN=/none: No such file"), HasSubstr("has no CUDA")));
}

TEST_F(CommandTest, ProfilesLayers) {
  const std::string command = "profile " + *weights_ + " --threads 2 --memory 1G --runs 1";
  const Outcome files = run(command + " --shape 16,16,32 --csv " + path("p.csv") + " --json " + path("p.json") +
                            " --trace " + path("p.trace") + " --html " + path("p.html"));
  EXPECT_EQ(files.code, 0) << files.err;
  EXPECT_THAT(files.err, IsEmpty());
  EXPECT_THAT(files.out, HasSubstr("segmenter, fp32, input 1 x 16 x 16 x 32 x 1"));
  EXPECT_THAT(slurp(path("p.csv")), HasSubstr("median_s"));
  EXPECT_THAT(slurp(path("p.html")), HasSubstr("<svg"));
  EXPECT_FALSE(nlohmann::json::parse(slurp(path("p.trace")))["traceEvents"].empty());
  const auto written = nlohmann::json::parse(slurp(path("p.json")));
  EXPECT_EQ(written["networks"].size(), 3U);
  const Outcome json = run(command + " " + ct("one") + " --classifier m2 --json -");
  EXPECT_EQ(json.code, 0) << json.err;
  const auto printed = nlohmann::json::parse(json.out);
  EXPECT_EQ(printed["networks"].size(), 2U);
  EXPECT_EQ(printed["pipeline"][0]["name"], "read");
}

/// Times are scaled a thousandfold, so that none is asserted.
TEST_F(CommandTest, BenchesAgainstAnEarlierTime) {
  const std::string command = "bench " + *weights_ + " " + ct("one") + " --threads 2 --memory 1G --runs 2 ";
  const Outcome first = run(command + "--json " + path("first.json"));
  ASSERT_EQ(first.code, 0) << first.err;
  for (const char* word : {"loaded in", "the first run", "segmenter", "in all", "cv %", "p99"})
    EXPECT_THAT(first.out, HasSubstr(word));
  auto figures = nlohmann::json::parse(slurp(path("first.json")));
  ASSERT_EQ(figures["cts"].size(), 1U);
  EXPECT_EQ(figures["cts"][0]["stages"].size(), 7U);
  const auto seconds = figures["cts"][0]["seconds"];
  EXPECT_LE(seconds["min"], seconds["median"]);
  EXPECT_LE(seconds["median"], seconds["max"]);
  for (const double factor : {1e3, 1e-3}) {
    auto scaled = figures;
    for (const char* figure : {"min", "median"})
      scaled["cts"][0]["seconds"][figure] = seconds[figure].get<double>() * factor;
    scaled["run"]["threads"] = 64;
    std::ofstream(path("scaled.json")) << scaled;
    const Outcome again = run(command + "--json - --against " + path("scaled.json"));
    EXPECT_EQ(again.code, factor > 1 ? 0 : 6) << again.err;
    const auto compared = nlohmann::json::parse(again.out)["against"];
    EXPECT_EQ(compared["slower"], factor < 1);
    EXPECT_EQ(compared["differences"], nlohmann::json({"threads"}));
    EXPECT_EQ(compared["cts"][0]["stages"].size(), 7U);
  }
  figures["cts"][0]["name"] = "another";
  std::ofstream(path("other.json")) << figures;
  std::ofstream(path("none.json")) << "{\"cts\": [1], \"run\": {}}";
  for (const char* file : {"other.json", "none.json", "absent.json"}) {
    const Outcome refused = run(command + "--against " + path(file));
    EXPECT_EQ(refused.code, 1) << refused.err;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr(file));
  }
}

TEST_F(CommandTest, BenchesForATimeSeveralCtsAndColdStarts) {
  const std::string command = "bench " + *weights_ + " --threads 2 --warm-up 0 ";
  fs::create_directory(path("temporary"));
  const Outcome outcome =
      test::run_command(command + ct("one") + " " + ct("two") +
                            " --seconds 0.5 --cold 1 --max-regions 2 --spacing 6,3,3 --memory 1G --json -",
                        folder_->path(), "TMPDIR=" + path("temporary"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["runs"], 1) << "the time alone decides";
  ASSERT_EQ(json["cts"].size(), 2U);
  for (const auto& one : json["cts"]) {
    EXPECT_GE(one["runs"].get<double>() * one["seconds"]["mean"].get<double>(), 0.45);
    EXPECT_LE(one["regions"], 2);
    EXPECT_GT(one["cold"]["seconds"]["min"], one["seconds"]["min"]) << "it reads, loads and writes, too";
    EXPECT_EQ(one["cold"]["runs"], 1);
  }
  EXPECT_EQ(json["batch"]["cts"], 2);
  EXPECT_NEAR(json["batch"]["cts_per_hour"].get<double>() * json["batch"]["seconds"]["median"].get<double>(), 7200,
              1e-6);
  EXPECT_EQ(run(command + "--cold 1").code, 1);
  EXPECT_THAT(run(command + "--cold 1").err, HasSubstr("found no way to start cold"));
  EXPECT_TRUE(fs::is_empty(path("temporary")));
}

/// The fastest is recommended of those that decide as the first.
TEST_F(CommandTest, SweepsConfigurations) {
  const std::string command =
      "bench " + *weights_ + " " + ct("one") + " --sweep --warm-up 0 --runs 1 --threads 2 --max-regions 32 ";
  const Outcome outcome = run(command + "--json " + path("sweep.json"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto sweep = nlohmann::json::parse(slurp(path("sweep.json")));
  EXPECT_EQ(sweep["first"], "cpu,fp32,threads=2");
  std::set<std::string> names;
  double last = 0;
  bool found = false;
  for (const auto& row : sweep["configurations"]) {
    names.insert(row["configuration"].get<std::string>());
    EXPECT_GE(row["total_seconds"], last) << "by rising time";
    last = row["total_seconds"];
    const bool sound = row["why_not"] == "";
    if (sound && !found) {
      EXPECT_EQ(sweep["recommended"], row["configuration"]);
    }
    found = found || sound;
    // Of so many proposals that are nearly alike bf16 takes others.
    EXPECT_EQ(sound, row["configuration"].get<std::string>().starts_with("cpu,fp32")) << row;
  }
  EXPECT_EQ(names, (std::set<std::string>{"cpu,fp32,threads=1", "cpu,fp32,threads=2", "cpu,bf16,threads=1",
                                          "cpu,bf16,threads=2"}));
  EXPECT_THAT(outcome.out, HasSubstr("\nrecommended: " + sweep["recommended"].get<std::string>() + ": "));
}

TEST_F(CommandTest, ComparesTwoConfigurations) {
  const std::string command =
      "compare " + ct("one") + " cpu cpu,bf16 --memory 1G --max-regions 32 --weights " + *weights_;
  const Outcome outcome = run(command + " --json " + path("compared.json"));
  EXPECT_EQ(outcome.code, 7) << outcome.err << "of so many proposals that are nearly alike bf16 takes others";
  EXPECT_THAT(outcome.err, IsEmpty());
  for (const char* word : {"A  cpu,fp32: ", "B  cpu,bf16: ", "lungs: equal", "segmenter: ", "regions: ", "verdict: "})
    EXPECT_THAT(outcome.out, HasSubstr(word));
  const auto written = nlohmann::json::parse(slurp(path("compared.json")));
  EXPECT_EQ(written["same_decisions"], false);
  EXPECT_EQ(written["ct"], ct("one"));
  const Outcome printed = run(command + " --json -");
  EXPECT_EQ(nlohmann::json::parse(printed.out), written) << "no figure depends on time";
  const Outcome same = run("compare " + ct("one") + " cpu cpu,threads=1 --weights " + *weights_);
  EXPECT_EQ(same.code, 0) << same.err;
  EXPECT_THAT(same.out, HasSubstr("verdict: identical"));
  EXPECT_THAT(run("compare x cpu cpu,fp8 --weights y").err, HasSubstr("found 'fp8', expected a device"));
  EXPECT_EQ(run("compare " + path("absent") + " cpu cpu --weights " + *weights_).code, 2);
  EXPECT_EQ(run("compare " + ct("one") + " cpu cpu --weights " + ct("one")).code, 3);
}

TEST_F(CommandTest, RefusesWhatItCannotProfileInOneLine) {
  const std::string command = "profile " + *weights_ + " --runs 1 ";
  for (const auto& [arguments, code] :
       {std::pair(std::string("--shape 16,16,17"), 1), std::pair("--csv " + path("."), 1),
        std::pair("--html " + path("absent/x.html"), 4), std::pair(path("absent"), 2),
        std::pair(std::string("--precision fp16"), 1), std::pair(std::string("--device cuda:0,1"), 1)}) {
    const Outcome outcome = run(command + arguments);
    EXPECT_EQ(outcome.code, code) << arguments << outcome.err;
    EXPECT_THAT(outcome.err, testing::StartsWith("pleura: ")) << arguments;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments;
  }
}

TEST_F(CommandTest, ExtractsAndMakesWeightsTheSameTwice) {
  for (const char* name : {"a.h5", "b.h5"}) {
    ASSERT_EQ(run("weights random --seed 5 --channels 4,8,16,32,64 --fp16 --out " + path(name)).code, 0);
    ASSERT_EQ(run("extract " + ct("one") + " --weights " + *weights_ + " --boxes " + path("one/truth.json") +
                  " --out " + path(std::string("x") + name))
                  .code,
              0);
  }
  EXPECT_EQ(slurp(path("a.h5")), slurp(path("b.h5")));
  EXPECT_EQ(slurp(path("xa.h5")), slurp(path("xb.h5")));
}

TEST_F(CommandTest, RunsTheReferenceBackend) {
  const Outcome outcome = run(screen(ct("one"), "reference") + " --device reference --json -");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["run"]["device"], "reference");
}

#ifdef PLEURA_EXAMPLE
TEST_F(CommandTest, TheExamplesScreenToo) {
  ASSERT_EQ(run(screen(ct("one"), "command")).code, 0);
  const auto expected = nlohmann::json::parse(slurp(path("command/result.json")));
  for (const std::string example : {PLEURA_EXAMPLE, PLEURA_EXAMPLE_C}) {
    const std::string call = example + " " + ct("one") + " " + *weights_ + " " + path("example") + " >/dev/null";
    EXPECT_EQ(std::system(call.c_str()), 0) << example;
    EXPECT_EQ(nlohmann::json::parse(slurp(path("example/result.json")))["regions"], expected["regions"]) << example;
    const int refused = std::system((example + " absent " + *weights_ + " out 2>/dev/null").c_str());
    EXPECT_EQ(WEXITSTATUS(refused), 2) << example;
  }
}
#endif

TEST_F(CommandTest, SurvivesAStandardOutputThatIsGone) {
  const std::string scan = PLEURA_COMMAND " scan " + ct("one");
  EXPECT_EQ(WEXITSTATUS(std::system((scan + " >&- 2>/dev/null").c_str())), 0) << "closed";
  EXPECT_EQ(WEXITSTATUS(std::system((scan + " >/dev/full 2>/dev/null").c_str())), 4) << "full";
  const std::string piped = "bash -c 'set -o pipefail; " + scan + " --json | true' 2>" + path("stderr");
  EXPECT_EQ(WEXITSTATUS(std::system(piped.c_str())), 0) << "a reader that went away";
  EXPECT_THAT(slurp(path("stderr")), IsEmpty());
}

/// Whenever the signal comes, what is written is whole or absent, and the command dies of that signal unless it is
/// done.
TEST_F(CommandTest, AnInterruptLeavesNothingHalfWritten) {
  fs::create_directories(path("interrupted"));
  const std::pair<const char*, int> signals[] = {{"INT", 130}, {"TERM", 143}, {"HUP", 129}, {"QUIT", 131}};
  std::set<std::string> asked;
  for (const auto& [signal, code] : signals) {
    int ended = 0;
    for (const char* delay : {"0.05", "0.3", "0.8"}) {
      const std::string name = std::string(signal) + delay, out = "interrupted/" + name;
      const std::string timeout = std::string("timeout --preserve-status -s ") + signal + " " + delay;
      for (const std::string& arguments :
           {screen(ct("one"), out), "extract " + ct("one") + " --out " + path(out + ".h5")}) {
        const int status = std::system((timeout + " " PLEURA_COMMAND " " + arguments + " >/dev/null 2>&1").c_str());
        EXPECT_THAT(WEXITSTATUS(status), AnyOf(0, code)) << arguments;
        ended += WEXITSTATUS(status) == code ? 1 : 0;
      }
      asked.insert({name, name + ".h5"});
      if (fs::exists(path(out))) {
        EXPECT_TRUE(nlohmann::json::accept(slurp(path(out) + "/result.json")));
      }
    }
    EXPECT_GT(ended, 0) << "no signal came in time";
  }
  EXPECT_FALSE(fs::exists("core"));
  for (const auto& entry : fs::directory_iterator(path("interrupted")))
    EXPECT_THAT(asked, Contains(entry.path().filename().string())) << "left behind";
}

}  // namespace
}  // namespace pleura
