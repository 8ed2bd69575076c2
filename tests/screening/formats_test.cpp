// The same CT gives the networks the same voxels, whatever format and unit of length it was read from.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "files/nifti.hpp"
#include "kernels/mask_sampling.hpp"
#include "on_cpu.hpp"
#include "phantom/dicom_writer.hpp"
#include "phantom/phantom.hpp"
#include "pleura/pleura.hpp"
#include "screening/candidates.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "screening/spacing.hpp"
#include "synthetic_chest.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::screening {
namespace {

/// All that the networks see of a CT, with a cube of their own and a box of the world.
struct Input {
  MaskedLungs lungs;
  ReadGrid grid;
  Candidate cube, box;
  ReadPatches of_cube, of_box;
};

Input input_of(const Volume& volume, const std::array<double, 3>& voxel, const std::array<double, 3>& box_mm) {
  Input input;
  input.lungs = find_lungs(volume, 2);
  weights::SegmenterSettings settings;
  input.grid = resample_lungs(volume, input.lungs, settings, 2);
  input.cube = to_candidate(kernels::Cube{{voxel[0], voxel[1], voxel[2]}, 20, 1},
                            {input.grid.geometry, {}, {}, input.grid.axes}, volume.geometry);
  const auto [x, y, z] = box_mm;
  input.box = to_candidate(WorldBox{{x - 10, y - 10, z - 10}, {x + 10, y + 10, z + 10}}, volume.geometry);
  input.of_cube = cut_region(volume, input.lungs, input.cube.centre, 60, 60);
  input.of_box = cut_region(volume, input.lungs, input.box.centre, 60, 60);
  return input;
}

void expect_equal(const ReadPatches& found, const ReadPatches& expected) {
  EXPECT_EQ(found.slices, expected.slices);
  EXPECT_EQ(found.hu, expected.hu);
  EXPECT_EQ(found.distances, expected.distances);
}

/// NIfTI with lengths in millimetres / `per_mm`, and the header's code of that unit.
void write_scaled(const std::filesystem::path& file, const Volume& volume, double per_mm, char unit) {
  Geometry geometry = volume.geometry;
  for (double& spacing : geometry.spacing) spacing *= per_mm;
  for (double& at : geometry.origin) at *= per_mm;
  files::write_nifti(file, geometry, volume.hu);
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(123).put(unit);
}

class Formats : public testing::TestWithParam<std::array<double, 3>> {};

TEST_P(Formats, GiveTheSameNetworkInput) {
  test::ChestOptions options;
  options.spacing = GetParam();
  phantom::Phantom made;
  made.volume = test::make_chest(options).volume;
  made.volume.hu[0] = -1024;  // the writer names the lowest value as padding, which reads as this
  made.volume.geometry.origin = {-191.132, -184.471, -180.248};
  const scan::test::TemporaryFolder folder;
  std::vector<std::filesystem::path> files;
  for (const auto& [per_mm, unit] : {std::pair{1.0, '\2'}, {0.001, '\1'}, {1000.0, '\3'}}) {
    files.push_back(folder / (std::to_string(files.size()) + ".nii"));
    write_scaled(files.back(), made.volume, per_mm, unit);
  }
#ifdef PLEURA_WITH_DICOM
  files.push_back(folder / "dicom");
  std::filesystem::create_directories(files.back());
  phantom::write_dicom(made, 1, files.back());
#endif
  const std::array<double, 3> voxel{60, 90, 110}, box_mm{-90.25, -40.5, -70.125};
  const Input expected = input_of(made.volume, voxel, box_mm);
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename());
    const Volume volume = read_ct(file);
    ASSERT_EQ(volume.hu, made.volume.hu);
    const Input found = input_of(volume, voxel, box_mm);
    EXPECT_EQ(found.lungs.mask, expected.lungs.mask);
    EXPECT_EQ(found.grid.hu, expected.grid.hu);
    EXPECT_EQ(found.grid.lungs, expected.grid.lungs);
    EXPECT_EQ(found.cube.centre, expected.cube.centre);
    EXPECT_EQ(found.cube.box_voxels, expected.cube.box_voxels);
    EXPECT_EQ(found.box.box_voxels, expected.box.box_voxels);
    expect_equal(found.of_cube, expected.of_cube);
    expect_equal(found.of_box, expected.of_box);
  }
}

INSTANTIATE_TEST_SUITE_P(Spacings, Formats,
                         testing::Values(std::array{5.0, 2.4, 2.4}, std::array{10.0, 0.703125, 0.9765625},
                                         std::array{8.0, 0.6347656, 0.842}, std::array{10 / 3.0, 7 / 3.0, 5 / 3.0},
                                         std::array{6.6875, 1.6875, 2.3125}));

TEST(Spacing, IsTheSameOfAllRoundings) {
  for (const double mm : {0.3333333333, 0.5859375, 0.6347656, 0.6875, 0.703125, 0.748046875, 0.7421, 0.842, 0.9765625,
                          371.27 / 512, 1.25, 1.171875, 2.5, 3.00781202, 5.0, 10.0}) {
    EXPECT_EQ(spacing_parts(static_cast<float>(mm)), spacing_parts(mm)) << mm;
    EXPECT_EQ(spacing_parts(1000.0 * static_cast<float>(mm / 1000)), spacing_parts(mm)) << mm;
    EXPECT_EQ(spacing_parts(static_cast<float>(mm * 1000) / 1000.0), spacing_parts(mm)) << mm;
    EXPECT_EQ(whole_micrometres(1000.0 * static_cast<float>(mm / 1000)), whole_micrometres(mm)) << mm;
    EXPECT_NEAR(settled_spacing(mm), mm, 2e-6);
  }
  EXPECT_EQ(settled_spacing(0.842), 0.842);
  EXPECT_EQ(whole_micrometres(0.6875), 688);
  EXPECT_EQ(spacing_parts(1e-9), 1);
}

TEST(SampleMask, SettlesTiesUpwards) {
  const std::vector<std::uint8_t> mask{1, 2, 3};
  const std::array<kernels::ResampleAxis, 3> axes{{{0, 1, 1, 1}, {0, 1, 1, 1}, {-2, 1, 9, 2}}};  // at -1, -0.5, 0, ...
  EXPECT_EQ(kernels::sample_mask(mask, {1, 1, 3}, axes, 1), (std::vector<std::uint8_t>{0, 1, 1, 2, 2, 3, 3, 0, 0}));
}

}  // namespace
}  // namespace pleura::screening
