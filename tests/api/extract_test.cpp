/// The extract file holds the voxels that inference sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "api/extract_file.hpp"
#include "api/fixture.hpp"
#include "files/hdf5.hpp"
#include "screening/lungs.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "tests/screening/on_cpu.hpp"

namespace pleura {
namespace {

using testing::HasSubstr;

template <class T>
std::vector<T> read(const hdf5::Handle& file, const char* name, hid_t type) {
  const hdf5::Handle set(H5Dopen2(file.get(), name, H5P_DEFAULT));
  const hdf5::Handle space(H5Dget_space(set.get()));
  std::vector<T> values(H5Sget_simple_extent_npoints(space.get()));
  if (!values.empty()) {
    EXPECT_GE(H5Dread(set.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0) << name;
  }
  return values;
}

class ExtractTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { patient_ = new Volume(test::small_phantom(1).volume); }
  static void TearDownTestSuite() { delete patient_; }

  void write_boxes(const std::string& text) { std::ofstream(folder_ / "boxes.json") << text; }

  /// Boxes with one cube, about a voxel (z, y, x) of the patient.
  void write_cube(const std::array<double, 3>& voxel, double half_mm) {
    const Point3 centre = patient_->geometry.to_world(voxel);
    std::ostringstream low, high;
    for (int axis = 0; axis < 3; ++axis) {
      low << (axis ? "," : "") << centre[axis] - half_mm;
      high << (axis ? "," : "") << centre[axis] + half_mm;
    }
    write_boxes(R"({"lesions": [{"box_mm": {"low": [)" + low.str() + R"(], "high": [)" + high.str() + "]}}]}");
  }

  /// What patches of the first proposal in a file should be.
  static screening::ReadPatches cut_first(const hdf5::Handle& file, double field_mm) {
    const auto box = read<double>(file, "proposals/box_mm", H5T_NATIVE_DOUBLE);
    const screening::Candidate candidate =
        screening::to_candidate(WorldBox{{box[0], box[1], box[2]}, {box[3], box[4], box[5]}}, patient_->geometry);
    return screening::cut_region(*patient_, screening::find_lungs(*patient_, 0), candidate.centre, field_mm, 60);
  }

  static Volume* patient_;
  test::TemporaryFolder folder_;
};

Volume* ExtractTest::patient_ = nullptr;

TEST_F(ExtractTest, HoldsTheGridThatInferenceSees) {
  extract_ct(*patient_, folder_ / "x.h5");
  const hdf5::Session session;
  const hdf5::Handle file(H5Fopen((folder_ / "x.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const screening::MaskedLungs lungs = screening::find_lungs(*patient_, 0);
  const screening::ReadGrid grid = screening::resample_lungs(*patient_, lungs, {}, 0);
  EXPECT_EQ(read<std::int16_t>(file, "segmenter/hu", H5T_NATIVE_INT16), grid.hu);
  EXPECT_EQ(read<std::uint8_t>(file, "segmenter/lungs", H5T_NATIVE_UINT8), grid.lungs);
  EXPECT_TRUE(read<double>(file, "proposals/box_mm", H5T_NATIVE_DOUBLE).empty());
  EXPECT_TRUE(read<std::int16_t>(file, "patches/hu", H5T_NATIVE_INT16).empty());
}

TEST_F(ExtractTest, CutsPatchesOfGivenBoxes) {
  write_cube({20, 60, 40}, 5);
  ExtractOptions options;
  options.boxes = folder_ / "boxes.json";
  extract_ct(*patient_, folder_ / "x.h5", options);
  const hdf5::Session session;
  const hdf5::Handle file(H5Fopen((folder_ / "x.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const auto scores = read<float>(file, "proposals/score", H5T_NATIVE_FLOAT);
  ASSERT_EQ(scores.size(), 1U);
  EXPECT_TRUE(std::isnan(scores[0]));
  EXPECT_EQ(read<std::uint8_t>(file, "proposals/source", H5T_NATIVE_UINT8)[0], 1);
  const screening::ReadPatches expected = cut_first(file, 60);
  EXPECT_EQ(read<std::int16_t>(file, "patches/hu", H5T_NATIVE_INT16), expected.hu);
  const auto distances = read<float>(file, "patches/distance", H5T_NATIVE_FLOAT);
  for (int k = 0; k < 3; ++k) EXPECT_FLOAT_EQ(distances[k], static_cast<float>(expected.distances[k]));
}

TEST_F(ExtractTest, CutsPatchesOfTheFieldOfViewThatIsAskedFor) {
  write_cube({20, 60, 40}, 5);
  ExtractOptions options;
  options.boxes = folder_ / "boxes.json";
  options.field_mm = 32;
  extract_ct(*patient_, folder_ / "x.h5", options);
  const hdf5::Session session;
  const hdf5::Handle file(H5Fopen((folder_ / "x.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  ASSERT_EQ(read<double>(file, "proposals/box_mm", H5T_NATIVE_DOUBLE).size(), 6U);
  EXPECT_EQ(read<std::int16_t>(file, "patches/hu", H5T_NATIVE_INT16), cut_first(file, 32).hu);
  double field_mm = 0;
  const hdf5::Handle attribute(H5Aopen_by_name(file.get(), "patches", "field_mm", H5P_DEFAULT, H5P_DEFAULT));
  ASSERT_GE(H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &field_mm), 0);
  EXPECT_EQ(field_mm, 32);
  for (const double wrong : {0.5, 1001., -32., std::nan("")}) {
    options.field_mm = wrong;
    EXPECT_THROW(extract_ct(*patient_, folder_ / "y.h5", options), Error) << wrong;
  }
}

TEST_F(ExtractTest, HoldsTheProposalsThatScreeningClassifies) {
  ExtractOptions options;
  options.weights = test::small_weights(folder_);
  extract_ct(*patient_, folder_ / "x.h5", options);
  const Screening screening = Engine(options.weights).screen(*patient_);
  const hdf5::Session session;
  const hdf5::Handle file(H5Fopen((folder_ / "x.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const auto boxes = read<double>(file, "proposals/box_mm", H5T_NATIVE_DOUBLE);
  ASSERT_EQ(boxes.size(), 6 * screening.result.regions.size());
  ASSERT_FALSE(boxes.empty());
  for (const Region& region : screening.result.regions) {  // sorted there by confidence, here by score
    bool found = false;
    for (std::size_t i = 0; i < boxes.size(); i += 6)
      found = found || std::equal(region.box_mm.low.begin(), region.box_mm.low.end(), &boxes[i]);
    EXPECT_TRUE(found);
  }
}

TEST_F(ExtractTest, LeavesNothingBehindWhereItCannotWrite) {
  try {
    extract_ct(*patient_, folder_ / "absent/x.h5");
    ADD_FAILURE() << "written into a folder that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
  }
}

TEST_F(ExtractTest, TakesBoxesOfTruthAndOfResults) {
  for (const char* name : {"lesions", "regions", "boxes"}) {
    write_boxes(std::string("{\"") + name + R"(": [{"label": "x", "box_mm": {"low": [1, 2, 3], "high": [4, 5, 6]}}]})");
    const auto boxes = api::read_boxes(folder_ / "boxes.json");
    ASSERT_EQ(boxes.size(), 1U);
    EXPECT_EQ(boxes[0], (WorldBox{{1, 2, 3}, {4, 5, 6}}));
  }
  write_boxes(R"({"lesions": []})");
  EXPECT_TRUE(api::read_boxes(folder_ / "boxes.json").empty());
}

TEST_F(ExtractTest, RefusesOtherFilesAsBoxes) {
  const auto refused = [&](const std::string& text) {
    write_boxes(text);
    try {
      (void)api::read_boxes(folder_ / "boxes.json");
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::input_refused);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refused("not json"), HasSubstr("no JSON object"));
  EXPECT_THAT(refused("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(refused("{}"), HasSubstr("no boxes"));
  EXPECT_THAT(refused(R"({"lesions": [{}]})"), HasSubstr("box_mm"));
  EXPECT_THAT(refused(R"({"lesions": [{"box_mm": {"low": [1, 2], "high": [4, 5]}}]})"), HasSubstr("expected"));
  EXPECT_THAT(refused(R"({"lesions": [{"box_mm": {"low": [1, 2, 3], "high": [4, 2, 6]}}]})"), HasSubstr("empty box"));
  EXPECT_THROW((void)api::read_boxes(folder_ / "absent.json"), Error);
}

}  // namespace
}  // namespace pleura
