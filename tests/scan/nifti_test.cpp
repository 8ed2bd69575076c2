/// NIfTI written and read back; tests/peers/test_scan.py holds both against nibabel.
#include "scan/nifti.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "pleura/error.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

Geometry small_geometry() {
  return {.shape = {3, 4, 5}, .spacing = {2.5, 0.75, 0.625}, .origin = {-10.5, 20.25, -300}};
}

std::vector<std::int16_t> ramp(const Geometry& geometry) {
  std::vector<std::int16_t> voxels(geometry.voxels());
  std::iota(voxels.begin(), voxels.end(), std::int16_t{-1000});
  return voxels;
}

TEST(Nifti, ReadsBackWhatItWrote) {
  const test::TemporaryFolder folder;
  for (const char* name : {"a.nii", "a.nii.gz"}) {
    write_nifti(folder / name, small_geometry(), ramp(small_geometry()));
    EXPECT_TRUE(is_nifti(folder / name));
    const Volume volume = read_nifti(folder / name);
    EXPECT_EQ(volume.geometry, small_geometry());
    EXPECT_EQ(volume.hu, ramp(small_geometry()));
    EXPECT_EQ(nifti_geometry(folder / name), small_geometry());
  }
  EXPECT_LT(std::filesystem::file_size(folder / "a.nii.gz"), std::filesystem::file_size(folder / "a.nii"));
  EXPECT_EQ(std::filesystem::file_size(folder / "a.nii"), 352 + 2 * 60);
}

}  // namespace
}  // namespace pleura::scan
