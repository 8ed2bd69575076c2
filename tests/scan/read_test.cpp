/// What read_ct and scan_ct make of paths that hold volume files and pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "files/nifti.hpp"
#include "pleura/pleura.hpp"
#include "tests/scan/refusal.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using test::refusal;
using ::testing::HasSubstr;

constexpr const char* picture = "\x89PNG\r\n\x1a\n";

Geometry geometry_of(std::int64_t slices) { return {.shape = {slices, 6, 6}, .spacing = {2, 1, 1}}; }

/// Half air, half tissue.
std::vector<std::int16_t> chest(const Geometry& geometry) {
  std::vector<std::int16_t> hu(static_cast<std::size_t>(geometry.voxels()), -950);
  std::fill_n(hu.begin(), hu.size() / 2, std::int16_t{30});
  return hu;
}

class ReadPath : public testing::Test {
 protected:
  std::filesystem::path save(const std::string& name, std::int64_t slices = 10) {
    files::write_nifti(folder_ / name, geometry_of(slices), chest(geometry_of(slices)));
    return folder_ / name;
  }

  test::TemporaryFolder folder_;
};

TEST_F(ReadPath, OneVolumeFileWhateverItsName) {
  const auto file = save("ct.nii.gz");
  std::filesystem::rename(file, folder_ / "strange");
  std::ofstream(folder_ / "preview.png") << picture;
  ScanReport report;
  EXPECT_EQ(read_ct(folder_.path(), {}, &report).hu, chest(geometry_of(10)));
  ASSERT_EQ(report.series.size(), 1U);
  EXPECT_EQ(report.series[0].format, "NIfTI");
  EXPECT_EQ(report.series[0].uid, "strange");
  EXPECT_EQ(report.series[0].geometry, geometry_of(10));
  ASSERT_EQ(report.refused_files.size(), 1U);
  EXPECT_EQ(report.refused_files[0].why, "a picture beside a CT, not read");
}

TEST_F(ReadPath, TooFewSlices) {
  save("ct.nii", 9);
  EXPECT_THAT(refusal(folder_.path()), HasSubstr("9 slices, expected at least 10"));
  EXPECT_EQ(scan_ct(folder_.path()).series[0].refused, "9 slices, expected at least 10");
}

TEST_F(ReadPath, OfSeveralVolumesOneMustBeNamed) {
  for (const char* name : {"a.nii", "b.nii", "c.nii", "d.nii"}) save(name);
  const auto message = refusal(folder_.path());
  EXPECT_THAT(message, HasSubstr("give its path or --series: NIfTI 'a.nii' (1 file); NIfTI 'b.nii' (1 file)"));
  EXPECT_THAT(message, HasSubstr("and 1 more"));
  ReadOptions options;
  options.series_uid = "c.nii";
  ScanReport report;
  EXPECT_EQ(read_ct(folder_.path(), options, &report).geometry, geometry_of(10));
  EXPECT_TRUE(report.series[2].chosen);
}

TEST_F(ReadPath, ADamagedHeaderIsReportedBesideAGoodOne) {
  save("good.nii");
  std::filesystem::resize_file(save("bad.nii"), 500);
  const auto report = scan_ct(folder_.path());
  EXPECT_THAT(report.series[0].refused, HasSubstr("truncated"));
  EXPECT_EQ(report.series[1].why, "the only one that can be screened");
}

TEST_F(ReadPath, AVolumeSaysWhereItComesFrom) {
  save("ct.nii.gz");
  for (const auto& path : {folder_.path(), folder_ / "ct.nii.gz"}) {
    const auto provenance = read_ct(path).provenance;
    ASSERT_TRUE(provenance);
    EXPECT_EQ(provenance->path, path);
    EXPECT_EQ(provenance->format, "NIfTI");
    EXPECT_EQ(provenance->files, 1);
  }
}

TEST_F(ReadPath, MetaImageWithItsVoxels) {
  const auto hu = chest(geometry_of(10));
  std::ofstream(folder_ / "ct.raw", std::ios::binary)
      .write(reinterpret_cast<const char*>(hu.data()), static_cast<std::streamsize>(2 * hu.size()));
  std::ofstream(folder_ / "ct.mhd")
      << "ObjectType = Image\nNDims = 3\nElementSpacing = 1 1 2\nDimSize = 6 6 10\nElementType = MET_SHORT\n"
         "ElementDataFile = ct.raw\n";
  ScanReport report;
  EXPECT_EQ(read_ct(folder_.path(), {}, &report).hu, hu);
  EXPECT_EQ(report.series[0].format, "MetaImage");
  EXPECT_THAT(report.refused_files, testing::IsEmpty());  // its voxels' file is no foreign one
}

/// The values are judged when the chosen CT is read: the report says why it was refused after all.
TEST_F(ReadPath, ValuesThatAreNotHu) {
  const auto geometry = geometry_of(10);
  files::write_nifti(folder_ / "mask.nii", geometry,
                     std::vector<std::uint8_t>(static_cast<std::size_t>(geometry.voxels()), 1));
  ScanReport report;
  EXPECT_THROW((void)read_ct(folder_ / "mask.nii", {}, &report), Error);
  EXPECT_THAT(report.series[0].refused, HasSubstr("values are not HU: 1 to 1"));
  EXPECT_TRUE(report.series[0].chosen);
  EXPECT_FALSE(report.series[0].geometry);
}

}  // namespace
}  // namespace pleura::scan
