/// Phantoms on disk: the same bytes again, DICOM and NIfTI alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "api/fixture.hpp"
#include "phantom/command.hpp"
#include "phantom/write.hpp"
#include "tools/slurp.hpp"

namespace pleura::phantom {
namespace {

namespace fs = std::filesystem;
using test::slurp;

std::map<std::string, std::string> files_under(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).string()] = slurp(entry.path());
  }
  return files;
}

PhantomOptions tiny(std::uint64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.findings = CaseLabel::covid19;
  options.acquisition.slices = 12;
  options.acquisition.spacing = {20, 6, 6};
  options.acquisition.matrix = 64;
  return options;
}

#ifdef PLEURA_WITH_DICOM
constexpr Format formats[] = {Format::nifti, Format::dicom};
#else
constexpr Format formats[] = {Format::nifti};
#endif

class PhantomWriteTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
};

TEST_F(PhantomWriteTest, SameSeedGivesSameBytes) {
  for (const Format format : formats) {
    const fs::path first = folder_ / "first", second = folder_ / "second";
    write_phantom(make_phantom(tiny(9)), 9, {first, format, true});
    PhantomOptions again = tiny(9);
    again.threads = 3;
    write_phantom(make_phantom(again), 9, {second, format, true});
    EXPECT_EQ(files_under(first), files_under(second));
    EXPECT_EQ(files_under(first).size(), format == Format::dicom ? 15U : 4U);
  }
}

#ifdef PLEURA_WITH_DICOM
TEST_F(PhantomWriteTest, BothFormatsReadBackAsTheSameVolume) {
  const Phantom phantom = make_phantom(tiny(8));
  write_phantom(phantom, 8, {folder_ / "dicom", Format::dicom});
  write_phantom(phantom, 8, {folder_ / "nifti", Format::nifti});
  const Volume dicom = read_ct(folder_ / "dicom/ct"), nifti = read_ct(folder_ / "nifti/ct.nii.gz");
  std::vector<std::int16_t> expected = phantom.volume.hu;
  for (std::int16_t& value : expected) value = std::max<std::int16_t>(value, -1024);
  EXPECT_EQ(dicom.hu, expected);
  EXPECT_EQ(nifti.hu, expected);
  EXPECT_EQ(dicom.geometry.shape, phantom.volume.geometry.shape);
  for (int axis = 0; axis < 3; ++axis) {
    EXPECT_NEAR(dicom.geometry.origin[axis], phantom.volume.geometry.origin[axis], 1e-9);
    EXPECT_NEAR(nifti.geometry.origin[axis], phantom.volume.geometry.origin[axis], 1e-4);
    EXPECT_NEAR(dicom.geometry.spacing[axis], phantom.volume.geometry.spacing[axis], 1e-6);
  }
}
#else
TEST_F(PhantomWriteTest, RefusesDicomWhereBuiltWithoutIt) {
  EXPECT_THROW(write_phantom(make_phantom(tiny(8)), 8, {folder_ / "dicom", Format::dicom}), Error);
}
#endif

TEST_F(PhantomWriteTest, TruthSaysWhatIsThere) {
  const Phantom phantom = make_phantom(tiny(7));
  write_phantom(phantom, 7, {folder_ / "one", Format::nifti});
  const auto truth = nlohmann::json::parse(slurp(folder_ / "one/truth.json"));
  EXPECT_EQ(truth["schema_version"], 1);
  EXPECT_EQ(truth["seed"], 7);
  EXPECT_EQ(truth["case"], "covid19");
  EXPECT_EQ(truth["geometry"]["shape"], (std::vector<int>{12, 64, 64}));
  EXPECT_DOUBLE_EQ(truth["lungs"]["left_litres"], phantom.left_litres);
  ASSERT_EQ(truth["boxes"].size(), phantom.regions.size());
  for (std::size_t k = 0; k < phantom.regions.size(); ++k) {
    EXPECT_EQ(truth["boxes"][k]["kind"], phantom.regions[k].kind);
    EXPECT_EQ(truth["boxes"][k]["box_mm"]["high"].get<Point3>(), phantom.regions[k].box_mm.high);
    EXPECT_EQ(truth["boxes"][k]["box_voxels"]["low"].get<Index3>(), phantom.regions[k].box_voxels.low);
  }
}

TEST_F(PhantomWriteTest, ReplacesAnEarlierPhantomAndNothingElse) {
  const Phantom phantom = make_phantom(tiny(1));
  write_phantom(phantom, 1, {folder_ / "mine", Format::nifti, true});
  write_phantom(phantom, 1, {folder_ / "mine", Format::nifti});
  EXPECT_TRUE(fs::exists(folder_ / "mine/ct.nii.gz"));
  EXPECT_FALSE(fs::exists(folder_ / "mine/lungs.nii.gz"));
  fs::create_directories(folder_ / "theirs");
  std::ofstream(folder_ / "theirs/letter.txt") << "keep me";
  try {
    write_phantom(phantom, 1, {folder_ / "theirs", Format::nifti});
    FAIL() << "wrote into a folder of something else";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("theirs"));
  }
  EXPECT_EQ(slurp(folder_ / "theirs/letter.txt"), "keep me");
  EXPECT_FALSE(fs::exists(folder_ / "theirs.part"));
}

TEST_F(PhantomWriteTest, CommandMakesWhatIsAsked) {
  CLI::App app;
  int started = 0, told = 0;
  add_phantom_command(app, [&] {
    ++started;
    return Progress([&](std::string_view, double) { ++told; });
  });
  const std::string out = (folder_ / "asked").string();
  app.parse("phantom --seed 2 --slices 12 --spacing 20,7,6 --matrix 64 --findings none --format nifti --masks --out " +
            out);
  EXPECT_EQ(started, 1);
  EXPECT_GT(told, 0);
  const auto truth = nlohmann::json::parse(slurp(folder_ / "asked/truth.json"));
  EXPECT_EQ(truth["geometry"]["spacing_mm"], (std::vector<double>{20, 7, 6}));
  EXPECT_EQ(truth["case"], "no_infection_found");
  for (const char* name : {"ct.nii.gz", "lungs.nii.gz", "lesions.nii.gz"})
    EXPECT_TRUE(fs::exists(fs::path(out) / name));
  for (const char* wrong : {"--seed 1 --findings flu", "--seed 1 --spacing 5,1", "--seed 1 --spacing 0,1,1",
                            "--seed 1 --format png", "--seed 1 --matrix 7", "--seed -1", ""}) {
    CLI::App other;
    add_phantom_command(other);
    EXPECT_THROW(other.parse("phantom --out " + out + " " + wrong), CLI::ParseError) << wrong;
  }
}

}  // namespace
}  // namespace pleura::phantom
