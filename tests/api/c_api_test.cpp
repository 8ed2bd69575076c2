#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/fixture.hpp"
#include "files/nifti.hpp"
#include "pleura/pleura.h"
#include "tools/slurp.hpp"

namespace pleura {
namespace {

using testing::HasSubstr;
using testing::Not;

class CApiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { patient_ = new Volume(test::small_phantom(1).volume); }
  static void TearDownTestSuite() { delete patient_; }

  void SetUp() override { weights_ = test::small_weights(folder_).string(); }

  static pleura_volume* volume() {
    const Geometry& g = patient_->geometry;
    pleura_volume* volume = nullptr;
    EXPECT_EQ(pleura_volume_create(patient_->hu.data(), g.shape.data(), g.spacing.data(), g.origin.data(), &volume),
              PLEURA_DONE);
    return volume;
  }

  static Volume* patient_;
  test::TemporaryFolder folder_;
  std::string weights_;
};

Volume* CApiTest::patient_ = nullptr;

TEST_F(CApiTest, ScreensAsTheCppApiDoes) {
  pleura_volume* ct = volume();
  pleura_engine* engine = nullptr;
  ASSERT_EQ(pleura_engine_create(weights_.c_str(), nullptr, &engine), PLEURA_DONE) << pleura_last_error();
  pleura_screening* screening = nullptr;
  std::set<std::string> stages;
  const auto note = [](const char* stage, double /*done*/, void* user) {
    static_cast<std::set<std::string>*>(user)->emplace(stage);
  };
  ASSERT_EQ(pleura_engine_screen(engine, ct, nullptr, note, &stages, &screening), PLEURA_DONE) << pleura_last_error();
  EXPECT_EQ(stages.size(), 7U);

  const Screening expected = Engine(weights_).screen(*patient_);
  const pleura_case found = pleura_screening_case(screening);
  EXPECT_EQ(static_cast<int>(found.result), static_cast<int>(expected.result.case_result.result));
  EXPECT_EQ(found.confidence, expected.result.case_result.confidence);
  EXPECT_EQ(found.p_covid19, expected.result.case_result.p_covid19);
  EXPECT_EQ(found.s_influenza_a, expected.result.case_result.s_influenza_a);
  EXPECT_EQ(found.p_infection, expected.result.case_result.p_infection);
  ASSERT_EQ(pleura_screening_regions(screening), expected.result.regions.size());
  for (std::size_t i = 0; i < expected.result.regions.size(); ++i) {
    pleura_region region;
    ASSERT_EQ(pleura_screening_region(screening, i, &region), PLEURA_DONE);
    const Region& r = expected.result.regions[i];
    EXPECT_EQ(static_cast<int>(region.label), static_cast<int>(r.label));
    EXPECT_EQ(region.confidence, r.confidence);
    EXPECT_EQ(region.distance_from_edge, r.distance_from_edge);
    for (int k = 0; k < 3; ++k) {
      EXPECT_EQ(region.low[k], r.box_voxels.low[k]);
      EXPECT_EQ(region.high[k], r.box_voxels.high[k]);
      EXPECT_EQ(region.low_mm[k], r.box_mm.low[k]);
      EXPECT_EQ(region.high_mm[k], r.box_mm.high[k]);
    }
  }
  pleura_region beyond;
  EXPECT_EQ(pleura_screening_region(screening, expected.result.regions.size(), &beyond), PLEURA_USAGE);
  double left = 0, right = 0;
  pleura_screening_lungs_litres(screening, &left, &right);
  EXPECT_EQ(left, expected.result.lungs.left_litres);
  EXPECT_EQ(right, expected.result.lungs.right_litres);
  EXPECT_TRUE(std::equal(expected.lungs.begin(), expected.lungs.end(), pleura_screening_lungs(screening)));
  EXPECT_THAT(pleura_screening_json(screening), HasSubstr("\"schema_version\""));

  const std::string out = folder_ / "\xc3\xa9tude";  // UTF-8
  EXPECT_EQ(pleura_screening_write(screening, out.c_str(), PLEURA_WRITE_MASKS), PLEURA_DONE) << pleura_last_error();
  EXPECT_TRUE(std::filesystem::exists(out + "/result.json"));
  EXPECT_TRUE(std::filesystem::exists(out + "/lungs.nii.gz"));
  EXPECT_TRUE(std::filesystem::exists(out + "/montage.png"));
  EXPECT_EQ(pleura_screening_write(screening, out.c_str(), PLEURA_WRITE_NO_PICTURES), PLEURA_DONE);
  EXPECT_TRUE(std::filesystem::exists(out + "/result.json"));
  EXPECT_FALSE(std::filesystem::exists(out + "/lungs.nii.gz"));
  EXPECT_FALSE(std::filesystem::exists(out + "/montage.png"));
  EXPECT_EQ(pleura_screening_write(screening, out.c_str(), 4), PLEURA_USAGE);
  pleura_screening_free(screening);
  pleura_engine_free(engine);
  pleura_volume_free(ct);
}

TEST_F(CApiTest, TakesOptions) {
  pleura_volume* ct = volume();
  pleura_engine_options options = pleura_engine_options_default();
  options.classifier = PLEURA_M1;
  options.threads = 1;
  pleura_engine* engine = nullptr;
  options.kernels = PLEURA_CUDNN;
  EXPECT_EQ(pleura_engine_create(weights_.c_str(), &options, &engine), PLEURA_USAGE);
  EXPECT_THAT(pleura_last_error(), HasSubstr("kernels cudnn on device cpu"));
  options.kernels = PLEURA_ANY;
  ASSERT_EQ(pleura_engine_create(weights_.c_str(), &options, &engine), PLEURA_DONE);
  pleura_screen_options overrides = pleura_screen_options_default();
  overrides.max_regions = 1;
  pleura_screening* screening = nullptr;
  ASSERT_EQ(pleura_engine_screen(engine, ct, &overrides, nullptr, nullptr, &screening), PLEURA_DONE);
  EXPECT_EQ(pleura_screening_regions(screening), 1U);
  EXPECT_THAT(pleura_screening_json(screening), HasSubstr("\"m1\""));
  pleura_screening_free(screening);
  overrides.threshold = 2;
  EXPECT_EQ(pleura_engine_screen(engine, ct, &overrides, nullptr, nullptr, &screening), PLEURA_USAGE);
  EXPECT_EQ(screening, nullptr);
  pleura_engine_free(engine);
  pleura_volume_free(ct);
}

TEST_F(CApiTest, ChoosesKernelsByMeasurementWhereAsked) {
  pleura_volume* ct = volume();
  const std::string file = folder_ / "tuning.json";
  pleura_engine_options options = pleura_engine_options_default();
  EXPECT_EQ(options.tune, 0);
  options.tune = 1;
  options.tune_cache = file.c_str();
  for (const char* const cache : {"\"rebuilt because there was none\"", "\"reused\""}) {
    pleura_engine* engine = nullptr;
    ASSERT_EQ(pleura_engine_create(weights_.c_str(), &options, &engine), PLEURA_DONE) << pleura_last_error();
    pleura_screening* screening = nullptr;
    ASSERT_EQ(pleura_engine_screen(engine, ct, nullptr, nullptr, nullptr, &screening), PLEURA_DONE);
    EXPECT_THAT(pleura_screening_json(screening), HasSubstr(cache));
    EXPECT_TRUE(std::filesystem::exists(file));
    pleura_screening_free(screening);
    pleura_engine_free(engine);
  }
  options.tune_cache = "/";
  pleura_engine* engine = nullptr;
  EXPECT_EQ(pleura_engine_create(weights_.c_str(), &options, &engine), PLEURA_USAGE);
  pleura_volume_free(ct);
}

/// The options of a later version: one more.
struct LaterEngineOptions {
  pleura_engine_options known;
  std::int64_t later;
};

TEST_F(CApiTest, TakesTheOptionsOfALaterVersionUnlessTheyAreSet) {
  LaterEngineOptions options;
  std::memset(&options, 0x5a, sizeof options);
  pleura_engine_options_init(&options.known, sizeof options);
  EXPECT_EQ(options.known.size, sizeof options);
  EXPECT_EQ(options.later, 0);
  options.known.classifier = PLEURA_M1;
  pleura_engine* engine = nullptr;
  ASSERT_EQ(pleura_engine_create(weights_.c_str(), &options.known, &engine), PLEURA_DONE) << pleura_last_error();
  pleura_volume* ct = volume();
  pleura_screening* screening = nullptr;
  ASSERT_EQ(pleura_engine_screen(engine, ct, nullptr, nullptr, nullptr, &screening), PLEURA_DONE);
  EXPECT_THAT(pleura_screening_json(screening), HasSubstr("\"m1\""));
  pleura_screening_free(screening);
  pleura_volume_free(ct);
  pleura_engine_free(engine);
  options.later = 1;
  EXPECT_EQ(pleura_engine_create(weights_.c_str(), &options.known, &engine), PLEURA_USAGE);
  EXPECT_THAT(pleura_last_error(), HasSubstr("does not know"));
  EXPECT_EQ(engine, nullptr);
}

TEST_F(CApiTest, RefusesOptionsOfNoVersionsSize) {
  pleura_engine* engine = nullptr;
  pleura_engine_options options = pleura_engine_options_default();
  for (const std::size_t size : {std::size_t{0}, sizeof options - 1, SIZE_MAX}) {
    options.size = size;
    EXPECT_EQ(pleura_engine_create(weights_.c_str(), &options, &engine), PLEURA_USAGE) << size;
    EXPECT_THAT(pleura_last_error(), HasSubstr("pleura_engine_options.size " + std::to_string(size)));
  }
  ASSERT_EQ(pleura_engine_create(weights_.c_str(), nullptr, &engine), PLEURA_DONE);
  pleura_volume* ct = volume();
  pleura_screen_options overrides = pleura_screen_options_default();
  overrides.size = 1;
  pleura_screening* screening = nullptr;
  EXPECT_EQ(pleura_engine_screen(engine, ct, &overrides, nullptr, nullptr, &screening), PLEURA_USAGE);
  EXPECT_THAT(pleura_last_error(), HasSubstr("pleura_screen_options.size 1, expected 24"));
  pleura_volume_free(ct);
  pleura_engine_free(engine);
}

TEST_F(CApiTest, ReadsAVolume) {
  const std::string file = folder_ / "ct.nii";
  files::write_nifti(file, patient_->geometry, patient_->hu);
  pleura_volume* ct = nullptr;
  ASSERT_EQ(pleura_volume_read(file.c_str(), nullptr, 1, &ct), PLEURA_DONE) << pleura_last_error();
  std::int64_t shape[3];
  double spacing[3];
  pleura_volume_shape(ct, shape);
  pleura_volume_spacing(ct, spacing);
  for (int k = 0; k < 3; ++k) {
    EXPECT_EQ(shape[k], patient_->geometry.shape[k]);
    EXPECT_NEAR(spacing[k], patient_->geometry.spacing[k], 1e-5);
  }
  EXPECT_TRUE(std::equal(patient_->hu.begin(), patient_->hu.end(), pleura_volume_hu(ct)));
  pleura_volume_free(ct);
}

TEST_F(CApiTest, ShowsAsMuchOfTheSourceAsAsked) {
  const std::string file = folder_ / "ct.nii", out = folder_ / "out";
  files::write_nifti(file, patient_->geometry, patient_->hu);
  pleura_volume* ct = nullptr;
  ASSERT_EQ(pleura_volume_read(file.c_str(), "ct.nii", 0, &ct), PLEURA_DONE) << pleura_last_error();
  pleura_engine* engine = nullptr;
  ASSERT_EQ(pleura_engine_create(weights_.c_str(), nullptr, &engine), PLEURA_DONE);
  pleura_screening* screening = nullptr;
  ASSERT_EQ(pleura_engine_screen(engine, ct, nullptr, nullptr, nullptr, &screening), PLEURA_DONE);
  EXPECT_THAT(pleura_screening_json(screening), HasSubstr("\"series\": \"ct.nii\""));
  EXPECT_THAT(pleura_screening_json(screening), Not(HasSubstr("\"patient_id\"")));
  ASSERT_EQ(pleura_screening_disclose(screening, PLEURA_IDENTIFIED), PLEURA_DONE);
  EXPECT_THAT(pleura_screening_json(screening), HasSubstr("\"patient_id\""));
  ASSERT_EQ(pleura_screening_disclose(screening, PLEURA_ANONYMOUS), PLEURA_DONE);
  EXPECT_THAT(pleura_screening_json(screening), Not(HasSubstr("\"path\"")));
  ASSERT_EQ(pleura_screening_write(screening, out.c_str(), 0), PLEURA_DONE) << pleura_last_error();
  EXPECT_THAT(test::slurp(out + "/result.json"), Not(HasSubstr("ct.nii")));
  EXPECT_EQ(pleura_screening_disclose(screening, static_cast<pleura_disclosure>(3)), PLEURA_USAGE);
  EXPECT_EQ(pleura_screening_disclose(nullptr, PLEURA_USUAL), PLEURA_USAGE);
  pleura_screening_free(screening);
  pleura_engine_free(engine);
  pleura_volume_free(ct);
}

TEST_F(CApiTest, TurnsEachFailureIntoItsStatus) {
  pleura_volume* ct = nullptr;
  EXPECT_EQ(pleura_volume_read((folder_ / "absent").c_str(), "", 0, &ct), PLEURA_INPUT_REFUSED);
  EXPECT_THAT(pleura_last_error(), HasSubstr("absent"));
  EXPECT_EQ(ct, nullptr);
  pleura_engine* engine = nullptr;
  EXPECT_EQ(pleura_engine_create((folder_ / "absent.h5").c_str(), nullptr, &engine), PLEURA_WEIGHTS_REFUSED);
  EXPECT_THAT(pleura_last_error(), HasSubstr("absent.h5"));
  EXPECT_EQ(pleura_engine_create(nullptr, nullptr, &engine), PLEURA_USAGE);
  EXPECT_THAT(pleura_last_error(), HasSubstr("weights is NULL"));
  EXPECT_EQ(pleura_volume_read("x", nullptr, 0, nullptr), PLEURA_USAGE);
  const std::int64_t empty[3] = {0, 1, 1};
  const double one[3] = {1, 1, 1};
  EXPECT_EQ(pleura_volume_create(patient_->hu.data(), empty, one, one, &ct), PLEURA_USAGE);
  EXPECT_EQ(pleura_volume_create(nullptr, empty, one, one, &ct), PLEURA_USAGE);

  ASSERT_EQ(pleura_engine_create(weights_.c_str(), nullptr, &engine), PLEURA_DONE);
  pleura_screening* screening = nullptr;
  EXPECT_EQ(pleura_engine_screen(engine, nullptr, nullptr, nullptr, nullptr, &screening), PLEURA_USAGE);
  pleura_engine_free(engine);
  pleura_region region;
  EXPECT_EQ(pleura_screening_region(nullptr, 0, &region), PLEURA_USAGE);
  EXPECT_EQ(pleura_screening_write(nullptr, "x", 0), PLEURA_USAGE);
}

TEST_F(CApiTest, KeepsTheLastErrorOfEachThread) {
  pleura_volume* ct = nullptr;
  EXPECT_EQ(pleura_volume_read((folder_ / "mine").c_str(), nullptr, 1, &ct), PLEURA_INPUT_REFUSED);
  std::thread([] { EXPECT_STREQ(pleura_last_error(), ""); }).join();
  EXPECT_THAT(pleura_last_error(), HasSubstr("mine"));
}

TEST(CApi, FreesNothingAndKnowsItsVersion) {
  pleura_volume_free(nullptr);
  pleura_engine_free(nullptr);
  pleura_screening_free(nullptr);
  EXPECT_STREQ(pleura_version(), version());
  EXPECT_STREQ(pleura_version(), PLEURA_VERSION);
  EXPECT_EQ(pleura_version_number(), PLEURA_VERSION_NUMBER);
}

}  // namespace
}  // namespace pleura
