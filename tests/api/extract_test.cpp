/// The extract file holds the voxels that inference sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "api/extract_file.hpp"
#include "api/fixture.hpp"
#include "screening/lungs.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "weights/hdf5.hpp"

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

  static Volume* patient_;
  test::TemporaryFolder folder_;
};

Volume* ExtractTest::patient_ = nullptr;

TEST_F(ExtractTest, HoldsTheGridThatInferenceSees) {
  extract_ct(*patient_, folder_ / "x.h5");
  const hdf5::Session session;
  const hdf5::Handle file(H5Fopen((folder_ / "x.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const screening::Lungs lungs = screening::find_lungs(*patient_, 0);
  const screening::NetworkGrid grid = screening::resample_lungs(*patient_, lungs, {}, 0);
  EXPECT_EQ(read<std::int16_t>(file, "segmenter/hu", H5T_NATIVE_INT16), grid.volume.hu);
  EXPECT_EQ(read<std::uint8_t>(file, "segmenter/lungs", H5T_NATIVE_UINT8), grid.lungs);
  EXPECT_TRUE(read<double>(file, "proposals/box_mm", H5T_NATIVE_DOUBLE).empty());
  EXPECT_TRUE(read<std::int16_t>(file, "patches/hu", H5T_NATIVE_INT16).empty());
}

TEST_F(ExtractTest, CutsPatchesOfGivenBoxes) {
  const Point3 centre = patient_->geometry.to_world({20, 60, 40});
  std::ofstream boxes(folder_ / "boxes.json");
  boxes << R"({"lesions": [{"box_mm": {"low": [)" << centre[0] - 5 << "," << centre[1] - 5 << "," << centre[2] - 5
        << R"(], "high": [)" << centre[0] + 5 << "," << centre[1] + 5 << "," << centre[2] + 5 << "]}}]}";
  boxes.close();
  ExtractOptions options;
  options.boxes = folder_ / "boxes.json";
  extract_ct(*patient_, folder_ / "x.h5", options);
  const hdf5::Session session;
  const hdf5::Handle file(H5Fopen((folder_ / "x.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const auto scores = read<float>(file, "proposals/score", H5T_NATIVE_FLOAT);
  ASSERT_EQ(scores.size(), 1U);
  EXPECT_TRUE(std::isnan(scores[0]));
  EXPECT_EQ(read<std::uint8_t>(file, "proposals/source", H5T_NATIVE_UINT8)[0], 1);
  const auto box = read<double>(file, "proposals/box_mm", H5T_NATIVE_DOUBLE);
  std::array<double, 3> index{};
  {
    const screening::Candidate candidate =
        screening::to_candidate(WorldBox{{box[0], box[1], box[2]}, {box[3], box[4], box[5]}}, patient_->geometry);
    index = candidate.centre;
  }
  const screening::RegionPatches expected =
      screening::cut_region(*patient_, screening::find_lungs(*patient_, 0), index, 60, 60);
  EXPECT_EQ(read<std::int16_t>(file, "patches/hu", H5T_NATIVE_INT16), expected.hu);
  const auto distances = read<float>(file, "patches/distance", H5T_NATIVE_FLOAT);
  for (int k = 0; k < 3; ++k) EXPECT_FLOAT_EQ(distances[k], static_cast<float>(expected.distances[k]));
}

TEST_F(ExtractTest, CutsPatchesOfTheFieldOfViewThatIsAskedFor) {
  const Point3 low = patient_->geometry.to_world({20, 60, 40});
  std::ostringstream box;
  box << R"({"boxes": [{"box_mm": {"low": [)" << low[0] << "," << low[1] << "," << low[2] << R"(], "high": [)"
      << low[0] + 9 << "," << low[1] + 9 << "," << low[2] + 9 << "]}}]}";
  write_boxes(box.str());
  ExtractOptions options;
  options.boxes = folder_ / "boxes.json";
  options.field_mm = 32;
  extract_ct(*patient_, folder_ / "x.h5", options);
  const hdf5::Session session;
  const hdf5::Handle file(H5Fopen((folder_ / "x.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const auto read_box = read<double>(file, "proposals/box_mm", H5T_NATIVE_DOUBLE);
  ASSERT_EQ(read_box.size(), 6U);
  const screening::Candidate candidate = screening::to_candidate(
      WorldBox{{read_box[0], read_box[1], read_box[2]}, {read_box[3], read_box[4], read_box[5]}}, patient_->geometry);
  EXPECT_EQ(read<std::int16_t>(file, "patches/hu", H5T_NATIVE_INT16),
            screening::cut_region(*patient_, screening::find_lungs(*patient_, 0), candidate.centre, 32, 60).hu);
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
