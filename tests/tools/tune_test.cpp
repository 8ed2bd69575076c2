/// `--tune` and `pleura tune`, run as a user runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "api/fixture.hpp"
#include "tools/command.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Outcome;
using test::slurp;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class TuneTest : public testing::Test {
 protected:
  TuneTest() {
    weights_ = test::small_weights(folder_).string();
    EXPECT_EQ(
        run("phantom --seed 1 --findings covid19 --format nifti --spacing 6,3,3 --matrix 128 --out " + path("one"))
            .code,
        0);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// Runs `WORDS pleura ARGUMENTS` with caches in folders of the test.
  [[nodiscard]] Outcome run(const std::string& arguments, const std::string& words = "") const {
    return test::run_command(arguments, folder_.path(), "PLEURA_CACHE= XDG_CACHE_HOME=" + path("xdg") + " " + words);
  }

  [[nodiscard]] std::string screen(const std::string& out) const {
    return "screen " + path("one") + "/ct.nii.gz --threads 2 --no-pictures --weights " + weights_ + " --out " +
           path(out);
  }

  /// result.json of a screening without what differs from run to run.
  [[nodiscard]] json result(const std::string& out) const {
    json result = json::parse(slurp(path(out) + "/result.json"));
    for (const char* key : {"stages", "options"}) result.erase(key);
    for (const char* key : {"started", "seconds_total", "tuning"}) result["run"].erase(key);
    return result;
  }

  [[nodiscard]] json tuning(const std::string& out) const {
    return json::parse(slurp(path(out) + "/result.json"))["run"]["tuning"];
  }

  test::TemporaryFolder folder_;
  std::string weights_;
};

TEST_F(TuneTest, KeepsWhatItMeasuredAndGivesTheSameBits) {
  const Outcome untuned = run(screen("untuned"));
  EXPECT_EQ(untuned.code, 0) << untuned.err;
  EXPECT_THAT(untuned.err, IsEmpty());
  EXPECT_EQ(tuning("untuned"), json());
  EXPECT_FALSE(fs::exists(path("xdg"))) << "what is not asked for is not looked at";

  const std::string file = path("xdg/pleura/tuning.json");
  const Outcome first = run(screen("first") + " --tune");
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.err, "pleura: tuning " + file + ": rebuilt because there was none\n");
  EXPECT_EQ(tuning("first")["cache"], "rebuilt because there was none");
  EXPECT_GT(tuning("first")["measured"], 0);
  const std::string kept = slurp(file);

  const Outcome second = run(screen("second") + " --tune");
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(second.err, "pleura: tuning " + file + ": reused\n");
  EXPECT_EQ(tuning("second"), json({{"cache", "reused"}, {"measured", 0}}));
  EXPECT_EQ(slurp(file), kept);
  EXPECT_EQ(result("second"), result("first"));

  const Outcome quiet = run(screen("quiet") + " --tune --quiet --memory 1G");
  EXPECT_EQ(quiet.code, 0);
  EXPECT_THAT(quiet.err, IsEmpty());
  EXPECT_EQ(result("quiet"), result("first")) << "whatever the memory";

  EXPECT_THAT(run("inspect " + weights_ + " --tune --threads 1").err, HasSubstr("rebuilt because the device was "));
}

TEST_F(TuneTest, RebuildsWhatIsDamaged) {
  const std::string file = path("tuning.json"), asked = screen("out") + " --tune --tune-cache " + file;
  ASSERT_EQ(run(asked).code, 0);
  const std::string kept = slurp(file);
  for (const std::string& text : {std::string(), kept.substr(0, kept.size() / 2),
                                  std::string("\x7f"
                                              "ELF"),
                                  std::string(R"({"format": "pleura-tuning", "version": 7})")}) {
    std::ofstream(file, std::ios::binary) << text;
    const Outcome outcome = run(asked);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("pleura: tuning " + file + ": rebuilt because it"));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
    EXPECT_THAT(run(asked).err, HasSubstr(": reused"));
  }
}

TEST_F(TuneTest, RefusesWhereItCannotKeepAChoice) {
  const Outcome nowhere = run(screen("out") + " --tune", "env -u HOME -u XDG_CACHE_HOME");
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_EQ(nowhere.err,
            "pleura: tuning: found none of PLEURA_CACHE, XDG_CACHE_HOME and HOME set, expected one, or a file by "
            "--tune-cache (tune_cache)\n");
  const Outcome folder = run(screen("out") + " --tune --tune-cache " + folder_.path().string());
  EXPECT_EQ(folder.code, 1);
  EXPECT_THAT(folder.err, HasSubstr("found something other than a file"));
  const Outcome below = run(screen("out") + " --tune --tune-cache " + weights_ + "/tuning.json");
  EXPECT_EQ(below.code, 4) << below.err;
  EXPECT_THAT(below.err, HasSubstr("cannot be written"));
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(TuneTest, MeasuresAhead) {
  const std::string asked = "tune " + weights_ + " --threads 2";
  const Outcome first = run(asked + " --shape 16,16,32", "PLEURA_CACHE=" + path("own"));
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, IsEmpty());
  for (const char* word : {"tuning.json: rebuilt because there was none", "segmenter", "classifiers/m1",
                           "classifiers/m2", "stem.conv", "measured"})
    EXPECT_THAT(first.out, HasSubstr(word));
  const Outcome second = run(asked + " --shape 16,16,32", "PLEURA_CACHE=" + path("own"));
  EXPECT_THAT(second.out, HasSubstr("tuning.json: reused"));
  EXPECT_THAT(second.out, HasSubstr("; 0 measured now"));
  EXPECT_THAT(second.out, HasSubstr("known"));
  EXPECT_EQ(run(asked + " --shape 16,16,40").code, 1);
  const Outcome elsewhere = run(asked + " --shape 16,16,32 --tune-cache " + path("here.json"));
  EXPECT_EQ(elsewhere.code, 0) << elsewhere.err;
  EXPECT_TRUE(fs::exists(path("here.json")));

  const Outcome ahead = run(asked + " " + path("one") + "/ct.nii.gz");
  EXPECT_EQ(ahead.code, 0) << ahead.err;
  EXPECT_EQ(run(screen("out") + " --tune").code, 0);
  EXPECT_EQ(tuning("out"), json({{"cache", "reused"}, {"measured", 0}})) << "the CT's shape was known";
}

TEST_F(TuneTest, IsThereForTheOtherCommands) {
  const std::string asked = " " + weights_ + " --threads 2 --tune --tune-cache " + path("tuning.json");
  const Outcome inspected = run("inspect" + asked + " --shape 16,16,16");
  EXPECT_EQ(inspected.code, 0) << inspected.err;
  EXPECT_THAT(inspected.err, HasSubstr("rebuilt because there was none"));
  for (const std::string& command :
       {"inspect" + asked + " --shape 16,16,16", "profile" + asked + " --shape 16,16,16 --runs 1 --memory 1G",
        "bench" + asked + " --runs 1 " + path("one") + "/ct.nii.gz",
        "extract " + path("one") + "/ct.nii.gz --out " + path("x.h5") + " --weights" + asked}) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.code, 0) << command << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("tuning.json: reused")) << command;
  }
}

}  // namespace
}  // namespace pleura
