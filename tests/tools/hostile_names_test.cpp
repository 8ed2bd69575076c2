/// Names, arguments and cells that would write on the user's terminal, and an environment that would change what
/// libraries do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "api/fixture.hpp"
#include "tools/command.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct Hostile {
  const char* what;
  std::string bytes;
};

const std::vector<Hostile> hostile{
    {"a title", "\x1b]0;owned\a"},
    {"a colour", "\x1b[31m"},
    {"a line", "\npleura: all is well"},
    {"a return", "\r"},
    {"delete", "\x7f"},
    {"C1 in one byte",
     "\x9b"
     "31m"},
    {"C1 in UTF-8",
     "\xc2\x9b"
     "31m"},
    {"an override", "\xe2\x80\xae"},
    {"an isolate", "\xe2\x81\xa6"},
    {"a line separator", "\xe2\x80\xa8"},
    {"not UTF-8", "\xff\xc0"},
};

class HostileNames : public testing::TestWithParam<Hostile> {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::string name() const { return "a" + GetParam().bytes + "z"; }
  static std::string quoted(const std::string& word) { return "'" + word + "'"; }

  /// Runs the command; neither of its streams may hold the bytes.
  test::Outcome run(const std::string& arguments) {
    test::Outcome outcome = test::run_command(arguments, folder_.path());
    for (const std::string* stream : {&outcome.out, &outcome.err})
      EXPECT_THAT(*stream, Not(HasSubstr(GetParam().bytes))) << arguments;
    return outcome;
  }

  test::TemporaryFolder folder_;
};

TEST_P(HostileNames, OfFilesAndFoldersStayOutOfTheScan) {
  std::ofstream(path(name())) << "no CT";
  for (const char* json : {"", " --json"}) {
    const test::Outcome inside = run("scan " + quoted(path("")) + json),
                        itself = run("scan " + quoted(path(name())) + json);
    EXPECT_EQ(inside.code, 2);
    EXPECT_EQ(itself.code, 2);
    EXPECT_EQ(std::ranges::count(itself.err, '\n'), 1) << itself.err;
  }
}

TEST_P(HostileNames, InArgumentsAreToldInOneLine) {
  const std::string bad = quoted(name());
  for (const std::string& arguments :
       {"scan " + bad, "inspect " + bad, "profile " + bad, bad, "weights " + bad,
        "screen " + bad + " --weights x --out y", "screen x --out y --weights " + bad,
        "screen x --weights y --out z --precision " + bad, "scan x --spacing " + bad,
        "scan x --series " + bad + " --" + bad, "weights random --out " + bad + "/x.h5", "extract " + bad + " --out x",
        "evaluate " + bad + " --weights x --out " + quoted(path("y")), "evaluate x --weights y --out z --shard " + bad,
        "phantom --seed 1 --out " + quoted(path("")) + " --recipe " + bad}) {
    const test::Outcome outcome = run(arguments);
    EXPECT_THAT(outcome.code, testing::AnyOf(1, 2, 3, 4)) << arguments;
    EXPECT_THAT(outcome.err, StartsWith("pleura: ")) << arguments;
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments;
  }
}

TEST_P(HostileNames, InACohortAreToldInOneLine) {
  int tables = 0;
  const auto evaluated = [&](const std::string& table) {
    std::ofstream(path("cohort.csv")) << table;
    return run("evaluate " + path("cohort.csv") + " --weights " + test::small_weights(folder_).string() + " --out " +
               path("figures-" + std::to_string(++tables)));
  };
  const std::string heading = "path,case,truth\n";
  for (const std::string& table : {"path," + name() + "\n", heading + name() + "\n", heading + "ct," + name() + ",\n",
                                   heading + name() + ",covid19,\n", heading + "ct,covid19," + name() + "\n"}) {
    const test::Outcome outcome = evaluated(table);
    EXPECT_THAT(outcome.code, testing::AnyOf(1, 2)) << table << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("pleura: "));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, HostileNames, testing::ValuesIn(hostile), [](const auto& one) {
  return std::regex_replace(std::string(one.param.what), std::regex("[^A-Za-z0-9]"), "");
});

/// One run over a CT of each name.
TEST(HostileNamesOfCts, NameNoResultFolder) {
  const test::TemporaryFolder folder;
  const auto run = [&](const std::string& arguments) { return test::run_command(arguments, folder.path()); };
  ASSERT_EQ(
      run("phantom --seed 1 --format nifti --spacing 6,3,3 --matrix 128 --out " + (folder / "made").string()).code, 0);
  const fs::path ct = folder / "made/ct.nii.gz", out = folder / "results";
  std::string cts = ct;
  for (const Hostile& one : hostile) {
    const fs::path named = folder / ("a" + one.bytes + "z.nii.gz");
    fs::copy(ct, named);
    cts += " '" + named.string() + "'";
  }
  const test::Outcome outcome =
      run("screen " + cts + " --weights " + test::small_weights(folder).string() + " --out " + out.string());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::size_t results = 0;
  for (const auto& entry : fs::directory_iterator(out)) {
    ++results;
    const std::string name = entry.path().filename(), result = test::slurp(entry.path() / "result.json");
    EXPECT_TRUE(name == "ct" || name.starts_with("a_")) << name;
    for (const Hostile& one : hostile)
      for (const std::string* text : {&name, &result, &outcome.out, &outcome.err})
        EXPECT_THAT(*text, Not(HasSubstr(one.bytes)));
  }
  EXPECT_EQ(results, hostile.size() + 1);
}

TEST(Command, NamesTheWrongWord) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(test::run_command("scren x", folder.path()).err,
              StartsWith("pleura: 'scren': no such subcommand, expected screen,"));
  EXPECT_THAT(test::run_command("weights rndom", folder.path()).err,
              StartsWith("pleura: 'rndom': no such subcommand, expected random"));
  EXPECT_THAT(test::run_command("", folder.path()).err, StartsWith("pleura: A subcommand is required"));
}

TEST(Command, KeepsTheLettersOfNames) {
  const test::TemporaryFolder folder;
  const std::string name = folder / "Müller 肺";
  EXPECT_THAT(test::run_command("scan '" + name + "'", folder.path()).err, HasSubstr(name));
}

TEST(Command, ScanIsTwoWhereTheOnlySeriesIsNotHu) {
  const test::TemporaryFolder folder;
  ASSERT_EQ(test::run_command(
                "phantom --seed 1 --masks --format nifti --spacing 6,3,3 --matrix 128 --out " + (folder / "p").string(),
                folder.path())
                .code,
            0);
  const test::Outcome outcome = test::run_command("scan " + (folder / "p/lungs.nii.gz").string(), folder.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("refused"));
}

/// What libraries would load or write because a variable says so.
TEST(Environment, ChangesNothing) {
  const test::TemporaryFolder folder;
  const auto run = [&](const std::string& words, const std::string& arguments) {
    return test::run_command(arguments, folder.path(), "cd " + folder.path().string() + " && " + words + " timeout 60");
  };
  const std::string ct = folder / "p/ct.nii.gz";
  ASSERT_EQ(run("", "phantom --seed 1 --format nifti --spacing 6,3,3 --matrix 128 --out p").code, 0);
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  ASSERT_EQ(run("HDF5_PLUGIN_PATH=. HDF5_DRIVER=fifo HDF5_VOL_CONNECTOR=fifo",
                "weights random --channels 4,4,8,8,16 --out w.h5")
                .code,
            0);
  const std::string variables =
      "DCMDICTPATH=fifo HDF5_PLUGIN_PATH=. HDF5_PLUGIN_PRELOAD=fifo ONEDNN_JIT_DUMP=1 DNNL_JIT_DUMP=1 ONEDNN_VERBOSE=2";
  const test::Outcome plain = run("", "screen " + ct + " --weights w.h5 --out plain --json -");
  const test::Outcome odd = run(variables, "screen " + ct + " --weights w.h5 --out odd --json -");
  ASSERT_EQ(odd.code, 0) << odd.err;
  EXPECT_EQ(nlohmann::json::parse(odd.out)["regions"], nlohmann::json::parse(plain.out)["regions"]);
  for (const auto& entry : fs::directory_iterator(folder.path()))
    EXPECT_NE(entry.path().extension(), ".bin") << "written by oneDNN";
}

#ifdef PLEURA_WITH_DICOM
TEST(Environment, HasNoOtherDictionary) {
  const test::TemporaryFolder folder;
  const std::string made = (folder / "p").string();
  ASSERT_EQ(
      test::run_command("phantom --seed 1 --slices 12 --spacing 20,6,6 --matrix 64 --out " + made, folder.path()).code,
      0);
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  const std::string scan = "scan --json " + made + "/ct";
  const test::Outcome plain = test::run_command(scan, folder.path());
  for (const char* dictionary : {"fifo", "absent"}) {
    const test::Outcome odd =
        test::run_command(scan, folder.path(), "DCMDICTPATH=" + (folder / dictionary).string() + " timeout 60");
    EXPECT_EQ(odd.code, plain.code) << dictionary << odd.err;
    EXPECT_EQ(odd.out, plain.out) << dictionary;
  }
}
#endif

}  // namespace
}  // namespace pleura
