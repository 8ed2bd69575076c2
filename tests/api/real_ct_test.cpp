/// Every real CT at hand goes through the whole pipeline.
#include <gtest/gtest.h>

#include "api/fixture.hpp"
#include "shared_data.hpp"

namespace pleura {
namespace {

class RealCt : public testing::TestWithParam<const char*> {};

TEST_P(RealCt, Screens) {
  PLEURA_NEED_SHARED_DATA(GetParam());
  ReadOptions read;
  double most_litres = 8;
  if (std::string_view(GetParam()) == "luna16-png") {
    read.window_low = -1350;
    read.window_high = 150;
    read.spacing = {1.25, 0.7, 0.7};  // a guess: the pictures come without one, and so the litres are one too
    most_litres = 12;
  }
  const test::TemporaryFolder folder;
  const Screening screening = Engine(test::small_weights(folder)).screen(read_ct(test::shared_data(GetParam()), read));
  const LungsSummary& lungs = screening.result.lungs;
  EXPECT_GT(lungs.left_litres, 0.6);
  EXPECT_GT(lungs.right_litres, 0.6);
  EXPECT_LT(lungs.left_litres + lungs.right_litres, most_litres);
  EXPECT_FALSE(screening.result.regions.empty());
}

INSTANTIATE_TEST_SUITE_P(All, RealCt,
                         testing::Values("lung-pet-ct-dx-A0001/series-2", "covid-ct-md/P001", "covid-ct-md/normal001",
                                         "lung-masks/id001-128x128x64.nii.gz", "lung-masks/id002-128x128x64.nii.gz",
                                         "luna16-png"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
                           return name;
                         });

}  // namespace
}  // namespace pleura
