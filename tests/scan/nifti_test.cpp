/// NIfTI written and read back, and what is refused; tests/peers/test_scan.py holds both against nibabel.
#include "scan/nifti.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>

#include "files/nifti.hpp"
#include "pleura/error.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using ::testing::HasSubstr;

Geometry small_geometry() {
  return {.shape = {3, 4, 5}, .spacing = {2.5, 0.75, 0.625}, .origin = {-10.5, 20.25, -300}};
}

std::vector<std::int16_t> ramp(const Geometry& geometry) {
  std::vector<std::int16_t> voxels(geometry.voxels());
  std::iota(voxels.begin(), voxels.end(), std::int16_t{-1000});
  return voxels;
}

class Nifti : public testing::Test {
 protected:
  Nifti() { files::write_nifti(file_, small_geometry(), ramp(small_geometry())); }

  /// Overwrites part of the header.
  template <typename Value>
  void patch(std::streamoff offset, Value value) {
    std::fstream(file_, std::ios::in | std::ios::out | std::ios::binary)
        .seekp(offset)
        .write(reinterpret_cast<const char*>(&value), sizeof(value));
  }

  [[nodiscard]] std::string refusal() const {
    try {
      (void)read_nifti(file_);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::input_refused);
      return error.what();
    }
    return "not refused";
  }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "a.nii";
};

TEST_F(Nifti, ReadsBackWhatItWrote) {
  files::write_nifti(folder_ / "a.nii.gz", small_geometry(), ramp(small_geometry()));
  for (const char* name : {"a.nii", "a.nii.gz"}) {
    EXPECT_TRUE(is_nifti(folder_ / name));
    const Volume volume = read_nifti(folder_ / name);
    EXPECT_EQ(volume.geometry, small_geometry());
    EXPECT_EQ(volume.hu, ramp(small_geometry()));
    EXPECT_EQ(read_nifti_header(folder_ / name).geometry, small_geometry());
  }
  EXPECT_LT(std::filesystem::file_size(folder_ / "a.nii.gz"), std::filesystem::file_size(folder_ / "a.nii"));
  EXPECT_EQ(std::filesystem::file_size(folder_ / "a.nii"), 352U + 2 * 60);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.nii.part"));
}

TEST_F(Nifti, WritesMasks) {
  std::vector<std::uint8_t> mask(60);
  std::iota(mask.begin(), mask.end(), std::uint8_t{0});
  files::write_nifti(file_, small_geometry(), mask);
  EXPECT_EQ(std::filesystem::file_size(file_), 352U + 60);
  const Volume volume = read_nifti(file_);
  for (std::size_t i = 0; i < mask.size(); ++i) EXPECT_EQ(volume.hu[i], mask[i]);
}

/// Both forms say the same of a patient who lies a little turned.
TEST_F(Nifti, TurnedGeometryInBothForms) {
  const double angle = 0.1;
  Geometry geometry = small_geometry();
  geometry.direction = {{{0, 0, 1}, {-std::sin(angle), std::cos(angle), 0}, {std::cos(angle), std::sin(angle), 0}}};
  files::write_nifti(file_, geometry, ramp(geometry));
  for (const auto sform_code : {std::int16_t{1}, std::int16_t{0}}) {
    patch(254, sform_code);
    const Geometry found = read_nifti_header(file_).geometry;
    for (int a = 0; a < 3; ++a) {
      EXPECT_NEAR(found.spacing[a], geometry.spacing[a], 1e-6);
      EXPECT_NEAR(found.origin[a], geometry.origin[a], 1e-5);
      for (int k = 0; k < 3; ++k) EXPECT_NEAR(found.direction[a][k], geometry.direction[a][k], 1e-6);
    }
  }
}

TEST_F(Nifti, UnitsSlopeAndPadding) {
  patch(123, std::uint8_t{1});  // metres
  EXPECT_EQ(read_nifti_header(file_).geometry.spacing, (std::array{2500.0, 750.0, 625.0}));
  patch(123, std::uint8_t{2});
  patch(112, 0.5F);
  patch(116, 10.25F);
  auto volume = read_nifti(file_);
  EXPECT_EQ(volume.hu[0], -490);   // -489.75
  EXPECT_EQ(volume.hu[59], -460);  // -460.25
  patch(116, -530.0F);
  volume = read_nifti(file_);
  EXPECT_EQ(volume.hu[0], -1024);  // -1030: nothing lies below the floor
  EXPECT_EQ(volume.hu[59], -1000);
  patch(112, 0.0F);  // a slope of 0 means none
  EXPECT_EQ(read_nifti(file_).hu, ramp(small_geometry()));
}

/// The same volume as NIfTI-2, big endian, by qform alone: each number is wider and elsewhere.
TEST_F(Nifti, VersionTwo) {
  std::string bytes(544, '\0');
  const auto put = [&](std::size_t at, auto value) {
    auto* raw = reinterpret_cast<char*>(&value);
    std::reverse(raw, raw + sizeof(value));
    std::memcpy(bytes.data() + at, raw, sizeof(value));
  };
  put(0, std::int32_t{540});
  std::memcpy(bytes.data() + 4, "n+2\0\r\n\032\n", 8);
  put(12, std::int16_t{16});  // float
  for (const auto& [i, size] : {std::pair{0, 3}, {1, 5}, {2, 4}, {3, 3}}) put(16 + 8 * i, std::int64_t{size});
  for (const auto& [i, size] : {std::pair{0, 1.0}, {1, 0.625}, {2, 0.75}, {3, 2.5}}) put(104 + 8 * i, size);
  put(168, std::int64_t{544});
  put(344, std::int32_t{1});  // qform: half a turn about z, its quaternion rounded past 1
  put(368, 1.0000001);
  put(376, 10.5);
  put(384, -20.25);
  put(392, -300.0);
  put(500, std::int32_t{2});
  for (const std::int16_t value : ramp(small_geometry())) {
    bytes.append(4, '\0');
    put(bytes.size() - 4, static_cast<float>(value));
  }
  std::ofstream(file_, std::ios::binary) << bytes;
  const Volume volume = read_nifti(file_);
  EXPECT_EQ(volume.hu, ramp(small_geometry()));
  EXPECT_EQ(volume.geometry.origin, small_geometry().origin);
  for (int a = 0; a < 3; ++a) EXPECT_NEAR(volume.geometry.spacing[a], small_geometry().spacing[a], 1e-6);
}

/// A left-handed grid (pixdim[0] is -1) stores its slices from the head down.
TEST_F(Nifti, LeftHandedQform) {
  patch(254, std::int16_t{0});
  patch(76, -1.0F);
  const Volume volume = read_nifti(file_);
  EXPECT_EQ(volume.geometry.origin[2], -305);
  EXPECT_EQ(volume.hu[0], -960);
}

/// Every whole number type through its own size and sign.
TEST_F(Nifti, NumberTypes) {
  const auto bytes = [&] {
    std::ifstream in(file_, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(in), {}}.substr(0, 352);
  }();
  const auto check = [&](std::int16_t datatype, auto zero) {
    std::string all = bytes;
    std::memcpy(all.data() + 70, &datatype, 2);
    for (int i = 0; i < 60; ++i) {
      const auto value = static_cast<decltype(zero)>(i);
      all.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
    std::ofstream(file_, std::ios::binary) << all;
    const auto volume = read_nifti(file_);
    for (int i = 0; i < 60; ++i) ASSERT_EQ(volume.hu[i], i) << datatype;
  };
  check(2, std::uint8_t{});
  check(4, std::int16_t{});
  check(8, std::int32_t{});
  check(16, float{});
  check(64, double{});
  check(256, std::int8_t{});
  check(512, std::uint16_t{});
  check(768, std::uint32_t{});
  check(1024, std::int64_t{});
  check(1280, std::uint64_t{});
}

TEST_F(Nifti, RefusesWhatItCannotRead) {
  patch(40, std::int16_t{4});
  patch(48, std::int16_t{2});
  EXPECT_THAT(refusal(), HasSubstr("4 dimensions, expected one volume"));
  patch(40, std::int16_t{3});
  patch(70, std::int16_t{128});
  EXPECT_THAT(refusal(), HasSubstr("data type 128"));
  patch(70, std::int16_t{4});
  patch(42, std::int16_t{-5});
  EXPECT_THAT(refusal(), HasSubstr("-5 x 4 x 3 voxels"));
  patch(42, std::int16_t{32767});
  EXPECT_THAT(refusal(), HasSubstr("truncated: it can hold 120 bytes"));
  patch(42, std::int16_t{5});
  patch(108, 5.0F);
  EXPECT_THAT(refusal(), HasSubstr("expected behind the header"));
  patch(108, 352.0F);
  patch(252, std::int32_t{0});  // both codes
  EXPECT_THAT(refusal(), HasSubstr("neither sform nor qform"));
  patch(254, std::int16_t{1});
  patch(280, 0.0F);
  EXPECT_THAT(refusal(), HasSubstr("spacing of 0 mm"));
  patch(344, std::int32_t{0});
  EXPECT_THAT(refusal(), HasSubstr("not a NIfTI"));
  EXPECT_FALSE(is_nifti(file_));
}

TEST_F(Nifti, Truncated) {
  std::filesystem::resize_file(file_, 400);
  EXPECT_THAT(refusal(), HasSubstr("truncated"));
  file_ = folder_ / "a.nii.gz";
  files::write_nifti(file_, small_geometry(), ramp(small_geometry()));
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) - 60);
  EXPECT_THAT(refusal(), HasSubstr("truncated"));
}

TEST_F(Nifti, WriterSaysWhatFails) {
  EXPECT_THROW(files::write_nifti(folder_ / "none" / "a.nii", small_geometry(), ramp(small_geometry())), Error);
  EXPECT_THROW(files::write_nifti(file_, small_geometry(), std::vector<std::int16_t>(3)), Error);
  Geometry huge{.shape = {1, 1, 40000}};
  EXPECT_THROW(files::write_nifti(file_, huge, std::vector<std::int16_t>(40000)), Error);
}

}  // namespace
}  // namespace pleura::scan
