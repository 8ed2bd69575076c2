#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "files/small_disk.hpp"
#include "report/decode.hpp"
#include "report/identity.hpp"
#include "report/made_up.hpp"
#include "report/pages.hpp"
#include "scan/nifti.hpp"
#include "scan/temporary_folder.hpp"

namespace pleura::report {
namespace {

namespace fs = std::filesystem;
using scan::test::TemporaryFolder;

std::set<std::string> names(const fs::path& folder) {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder)) found.insert(entry.path().filename().string());
  return found;
}

std::vector<std::uint8_t> bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void expect_refused(const fs::path& folder, Status status, const std::string& message) {
  try {
    write_result(test::made_up_screening(false), folder);
    ADD_FAILURE() << "was written: " << folder;
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), status) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(message));
  }
}

TEST(WriteResult, WritesJsonAndPictures) {
  const TemporaryFolder folder;
  const Screening screening = test::made_up_screening(true);
  const Result written = write_result(screening, folder / "new" / "case");
  EXPECT_THAT(names(folder / "new"), testing::ElementsAre("case")) << "a temporary folder is left";
  EXPECT_THAT(
      names(folder / "new" / "case"),
      testing::UnorderedElementsAre("result.json", "montage.png", "region_01.png", "region_02.png", "region_03.png"));
  const auto json = bytes(folder / "new" / "case" / "result.json");
  EXPECT_EQ(std::string(json.begin(), json.end()), to_json(written));
  for (const char* picture : {"montage.png", "region_02.png"})
    EXPECT_GT(test::decode_png(bytes(folder / "new" / "case" / picture)).width, 400) << picture;
}

TEST(WriteResult, LeavesOutPicturesAndSaysSo) {
  const TemporaryFolder folder;
  const Screening screening = test::made_up_screening(true);
  write_result(screening, folder / "case");
  const Result written = write_result(screening, folder / "case", {.pictures = false});
  EXPECT_THAT(names(folder / "case"), testing::ElementsAre("result.json")) << "earlier pictures are gone";
  EXPECT_EQ(written.stages.size(), screening.result.stages.size()) << "no stage of pictures";
  const auto json = nlohmann::json::parse(bytes(folder / "case" / "result.json"));
  EXPECT_EQ(json["options"]["pictures"], false);
}

TEST(WriteResult, PutsOnPicturesWhoseTheyAreAsFarAsItMayBeSaid) {
  const TemporaryFolder folder;
  Screening screening = test::made_up_screening(true);
  screening.result.input.provenance.patient_name = "Doe^Jane";
  for (const Disclosure disclosure : {Disclosure::anonymous, Disclosure::identified}) {
    write_result(screening, folder / "case", {.save_masks = false, .disclosure = disclosure});
    const std::string identity = identity_line(screening.result, disclosure);
    EXPECT_EQ(bytes(folder / "case" / "montage.png"), montage_page(screening, identity).png());
    EXPECT_EQ(bytes(folder / "case" / "region_02.png"), region_page(screening, 1, identity).png());
  }
}

TEST(WriteResult, TimesPicturesAndMasks) {
  const TemporaryFolder folder;
  const Screening screening = test::made_up_screening(true);
  const Result written = write_result(screening, folder / "case", {true, Disclosure::usual});
  ASSERT_EQ(written.stages.size(), 4U);
  EXPECT_EQ(written.stages[2].name, "pictures");
  EXPECT_EQ(written.stages[3].name, "masks");
  EXPECT_DOUBLE_EQ(written.run.seconds_total, 2.5 + written.stages[2].seconds + written.stages[3].seconds);
  EXPECT_GT(written.stages[2].seconds, 0);
  EXPECT_TRUE(written.options.save_masks);
  EXPECT_FALSE(write_result(screening, folder / "bare").options.save_masks);
}

TEST(WriteResult, WritesWhatMayBeShown) {
  const TemporaryFolder folder;
  const Screening screening = test::made_up_screening(true);
  for (const Disclosure disclosure : {Disclosure::anonymous, Disclosure::usual, Disclosure::identified}) {
    const Result written = write_result(screening, folder / "case", {false, disclosure});
    const auto json = bytes(folder / "case" / "result.json");
    EXPECT_EQ(std::string(json.begin(), json.end()), to_json(written, disclosure));
  }
}

/// A result's bytes without the seconds that writing took.
std::vector<std::uint8_t> without_time(const fs::path& file) {
  const auto all = bytes(file);
  if (file.filename() != "result.json") return all;
  auto json = nlohmann::json::parse(all);
  json.erase("stages");
  json["run"].erase("seconds_total");
  const std::string text = json.dump();
  return {text.begin(), text.end()};
}

TEST(WriteResult, GivesTheSameBytesAgain) {
  const TemporaryFolder folder;
  write_result(test::made_up_screening(true), folder / "one", {true, Disclosure::usual});
  write_result(test::made_up_screening(true), folder / "two", {true, Disclosure::usual});
  for (const std::string& name : names(folder / "one"))
    EXPECT_EQ(without_time(folder / "one" / name), without_time(folder / "two" / name)) << name;
}

TEST(WriteResult, SavesMasksOnTheVolumesGrid) {
  const TemporaryFolder folder;
  const Screening screening = test::made_up_screening(true);
  write_result(screening, folder / "case", {true, Disclosure::usual});
  const Volume lungs = scan::read_nifti(folder / "case" / "lungs.nii.gz");
  EXPECT_EQ(lungs.geometry.shape, screening.volume.geometry.shape);
  EXPECT_TRUE(std::equal(lungs.hu.begin(), lungs.hu.end(), screening.lungs.begin()));
  const Volume regions = scan::read_nifti(folder / "case" / "regions.nii.gz");
  EXPECT_EQ(std::count(regions.hu.begin(), regions.hu.end(), 1), 4 * 10 * 8);
  EXPECT_EQ(std::count(regions.hu.begin(), regions.hu.end(), 2), 2 * 8 * 8);
  EXPECT_EQ(regions.hu[(4 * 40 + 14) * 60 + 12], 1);
}

TEST(WriteResult, ReplacesAnEarlierResultWhole) {
  const TemporaryFolder folder;
  write_result(test::made_up_screening(true), folder / "case", {true, Disclosure::usual});
  write_result(test::made_up_screening(false), folder / "case");
  EXPECT_THAT(names(folder / "case"), testing::UnorderedElementsAre("result.json", "montage.png"));
  EXPECT_THAT(names(folder.path()), testing::ElementsAre("case"));
  fs::create_directories(folder / "empty");
  write_result(test::made_up_screening(false), folder / "empty/");
  EXPECT_TRUE(fs::exists(folder / "empty" / "result.json"));
}

TEST(WriteRefusal, TakesTheResultsPlaceAndGivesItBack) {
  const TemporaryFolder folder;
  const Error error(Status::input_refused, "/data/ct: found nothing, expected a CT");
  write_result(test::made_up_screening(true), folder / "case");
  write_refusal(error, "/data/ct", folder / "case");
  EXPECT_THAT(names(folder / "case"), testing::ElementsAre("refusal.json"));
  const auto json = bytes(folder / "case" / "refusal.json");
  EXPECT_EQ(std::string(json.begin(), json.end()), to_json(error, "/data/ct"));
  write_result(test::made_up_screening(false), folder / "case");
  EXPECT_THAT(names(folder / "case"), testing::UnorderedElementsAre("result.json", "montage.png"));
  std::ofstream(folder / "case" / "notes.txt") << "mine";
  EXPECT_THROW(write_refusal(error, "/data/ct", folder / "case"), Error);
}

TEST(WriteResult, ReplacesNothingElse) {
  const TemporaryFolder folder;
  write_result(test::made_up_screening(true), folder / "mixed");
  std::ofstream(folder / "mixed" / "notes.txt") << "mine";
  expect_refused(folder / "mixed", Status::usage, "notes.txt");
  EXPECT_EQ(bytes(folder / "mixed" / "notes.txt").size(), 4U);
  fs::create_directories(folder / "other");
  std::ofstream(folder / "other" / "result.json") << R"({"schema_version": 1})";
  expect_refused(folder / "other", Status::usage, "no result.json of pleura");
  std::ofstream(folder / "other" / "result.json") << "not JSON";
  expect_refused(folder / "other", Status::usage, "no result.json of pleura");
  fs::create_directories(folder / "pictures");
  std::ofstream(folder / "pictures" / "region_x.png");
  expect_refused(folder / "pictures", Status::usage, "region_x.png");
  std::ofstream(folder / "file") << "a file";
  expect_refused(folder / "file", Status::usage, "found a file");
  expect_refused(folder / "file" / "case", Status::resources, "cannot be written");
}

TEST(CheckResultFolder, FindsBeforeTheWorkWhatCannotBeWritten) {
  const TemporaryFolder folder;
  const auto refusal = [](const fs::path& path) {
    try {
      check_result_folder(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::resources) << error.what();
      return std::string(error.what());
    }
    return std::string("taken");
  };
  EXPECT_EQ(refusal(folder / "new" / "deep" / "case"), "taken");
  EXPECT_EQ(names(folder.path()).size(), 0U) << "it leaves nothing behind";
  EXPECT_EQ(refusal("a-folder-that-is-not-there/case"), "taken") << "where the program runs";
  std::ofstream(folder / "file") << "a file";
  EXPECT_EQ(refusal(folder / "file" / "case"),
            (folder / "file" / "case").string() + ": cannot be written: Not a directory");
  EXPECT_THAT(refusal("/proc/pleura/case"), testing::HasSubstr("/proc/pleura/case: cannot be written: "));
}

TEST(WriteResult, LeavesTheEarlierResultWhereTheDiskIsFull) {
  const TemporaryFolder folder;
  write_result(test::made_up_screening(true), folder / "case");
  for (const rlim_t bytes : {0, 1000, 20000}) {
    const files::test::SmallDisk disk(bytes);
    expect_refused(folder / "case", Status::resources, ": cannot be written: File too large");
    EXPECT_TRUE(fs::exists(folder / "case" / "region_03.png"));
    EXPECT_THAT(names(folder.path()), testing::ElementsAre("case"));
  }
}

TEST(WriteResult, TellsAResultThatCannotBeReadFromNone) {
  const TemporaryFolder folder;
  write_result(test::made_up_screening(true), folder / "case");
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{3, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  expect_refused(folder / "case", Status::resources, "Too many open files");
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(WriteResult, OfSeveralThreadsEachSucceeds) {
  const TemporaryFolder folder;
  const auto write_often = [&](bool regions) {
    for (int i = 0; i < 4; ++i) EXPECT_NO_THROW(write_result(test::made_up_screening(regions), folder / "case"));
  };
  std::thread one(write_often, true), other(write_often, false);
  one.join();
  other.join();
  EXPECT_THAT(names(folder.path()), testing::ElementsAre("case"));
  const auto json = nlohmann::json::parse(bytes(folder / "case" / "result.json"));
  EXPECT_EQ(names(folder / "case").size(), 2 + json["regions"].size()) << "pictures of the other result";
}

}  // namespace
}  // namespace pleura::report
