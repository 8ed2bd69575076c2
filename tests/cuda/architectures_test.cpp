#include "runtime/cuda/architectures.hpp"

#include <gmock/gmock.h>

namespace pleura::test {
namespace {

using runtime::cuda::missing_build;
using testing::HasSubstr;

constexpr const char* cuda_13 = "75-real,80-real,86-real,89-real,90a-real,100-real,120";
constexpr const char* cuda_12 = "61-real,75-real,80-real,86-real,89-real,90-real,100-real,120";

TEST(Architectures, RunsWhatWasBuilt) {
  for (const auto& [major, minor] : {std::pair{7, 5}, {8, 0}, {8, 6}, {8, 9}, {9, 0}, {10, 0}, {12, 0}})
    for (const char* built : {cuda_13, cuda_12}) EXPECT_EQ(missing_build("GPU", {major, minor}, built), "");
  EXPECT_EQ(missing_build("GTX 1080 Ti", {6, 1}, cuda_12), "");
}

TEST(Architectures, MachineCodeRunsOnLaterMinorVersionsAndPtxOnAllLater) {
  EXPECT_EQ(missing_build("Orin", {8, 7}, "80-real"), "");
  EXPECT_NE(missing_build("A100", {8, 0}, "86-real"), "");
  EXPECT_NE(missing_build("H100", {9, 0}, "86-real"), "");
  EXPECT_EQ(missing_build("H100", {9, 0}, "86"), "");
  EXPECT_EQ(missing_build("H100", {9, 0}, "86-virtual"), "");
  EXPECT_NE(missing_build("A100", {8, 0}, "86-virtual"), "");
  EXPECT_EQ(missing_build("yet to come", {15, 0}, cuda_13), "");
  EXPECT_NE(missing_build("B200", {10, 0}, "90a-real"), "");
  EXPECT_NE(missing_build("B300", {10, 3}, "100a"), "");
}

TEST(Architectures, SaysWhichBuildAnOldGpuNeeds) {
  EXPECT_EQ(missing_build("NVIDIA GeForce GTX 1080 Ti", {6, 1}, cuda_13),
            "NVIDIA GeForce GTX 1080 Ti is sm_61, this build has code for 75 80 86 89 90a 100 120: expected a build by "
            "CUDA 12, the last for it: preset cuda-all");
  EXPECT_THAT(missing_build("V100", {7, 0}, cuda_13), HasSubstr("cuda-all with -DCMAKE_CUDA_ARCHITECTURES=70"));
  EXPECT_THAT(missing_build("V100", {7, 0}, cuda_12), HasSubstr("-DCMAKE_CUDA_ARCHITECTURES=70"));
}

TEST(Architectures, SaysWhichBuildANewGpuNeeds) {
  EXPECT_THAT(missing_build("RTX 4090", {8, 9}, "61-real"),
              HasSubstr("expected a build with -DCMAKE_CUDA_ARCHITECTURES=89"));
  EXPECT_THAT(missing_build("K80", {3, 7}, cuda_12), HasSubstr("needs sm_50 or later"));
}

TEST(Architectures, TheEmulatorRunsAll) { EXPECT_EQ(missing_build("emulator", {9, 0}, ""), ""); }

}  // namespace
}  // namespace pleura::test
