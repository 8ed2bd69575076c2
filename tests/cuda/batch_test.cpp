// A batch of CTs on two devices of the emulator, one of which may be lost.
#include "pleura/batch.hpp"

#include <cuda_emulator.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "files/nifti.hpp"
#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

using command::Batch;
using command::BatchCt;
using command::CaseArguments;
using command::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

/// The tiny weights, CTs, and a batch of these; how it was told.
class CudaBatch : public testing::Test {
 protected:
  CudaBatch() {
    weights::write_model(tiny_model(), folder_ / "tiny.h5", false);
    const Volume volume = coarse_phantom();
    files::write_nifti(folder_ / "ct.nii.gz", volume.geometry, volume.hu);
  }

  static CaseArguments arguments(const std::string& words) {
    CLI::App app;
    CaseArguments parsed;
    parsed.declare(app);
    app.parse(words + " --max-regions 0 --no-pictures --threads 1");
    return parsed;
  }

  /// Of that many CTs, and one that is none in their midst.
  [[nodiscard]] std::vector<BatchCt> cts(int sound) const {
    std::vector<BatchCt> all;
    for (int i = 0; i < sound; ++i) all.push_back({folder_ / "ct.nii.gz", folder_ / std::to_string(i)});
    all.insert(all.begin() + 1, {folder_ / "absent", folder_ / "none"});
    return all;
  }

  /// Where each CT was screened, or why not.
  [[nodiscard]] std::vector<std::string> screen(const std::string& words, const std::vector<BatchCt>& cts,
                                                const std::optional<emulator::Failure>& failure = {}) const {
    const CaseArguments asked = arguments(words);
    Batch batch(cts, folder_ / "tiny.h5", asked);
    const emulator::Watch watch(failure);
    std::vector<std::string> told;
    batch.screen(
        [&](std::size_t ct, const Outcome& outcome) {
          EXPECT_EQ(ct, told.size()) << "in order";
          told.emplace_back(outcome.result ? outcome.result->run.device : outcome.refusal->what());
          EXPECT_EQ(std::filesystem::exists(cts[ct].folder / "result.json"), outcome.result.has_value());
        },
        [](auto...) {});
    return told;
  }

  TemporaryFolder folder_;
};

TEST_F(CudaBatch, IsSharedByTwoDevices) {
  const std::vector<BatchCt> all = cts(5);
  std::filesystem::create_directories(all.back().folder / "mine");
  const std::vector<std::string> told = screen("--device cuda:0,1", all);
  ASSERT_EQ(told.size(), 6U);
  EXPECT_THAT(told[1], HasSubstr("no such file"));
  EXPECT_THAT(told[5], HasSubstr("found 'mine'")) << "a result that cannot be written";
  EXPECT_EQ(std::ranges::count(told, "cuda:0") + std::ranges::count(told, "cuda:1"), 4);
  EXPECT_GT(std::ranges::count(told, "cuda:0"), 0);
  EXPECT_GT(std::ranges::count(told, "cuda:1"), 0);
}

TEST_F(CudaBatch, GoesOnWithoutADeviceThatIsLost) {
  const std::vector<std::string> told =
      screen("--device cuda:0,cuda:1", cts(4), emulator::Failure{200, cudaErrorLaunchFailure});
  ASSERT_EQ(told.size(), 5U);
  EXPECT_EQ(
      std::ranges::count_if(told, [](const std::string& one) { return one.starts_with("cuda:") && one.size() == 6; }),
      3);
  EXPECT_EQ(
      std::ranges::count_if(told, [](const std::string& one) { return one.find("the device is lost") < one.size(); }),
      1);
  for (int device = 0; device < 2; ++device) {
    EXPECT_EQ(cudaSetDevice(device), cudaSuccess);
    EXPECT_EQ(cudaDeviceReset(), cudaSuccess);
  }
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
}

TEST_F(CudaBatch, IsRefusedOneByOneWhereItsOnlyDeviceIsLost) {
  const std::vector<std::string> told =
      screen("--device cuda:1", cts(2), emulator::Failure{200, cudaErrorLaunchFailure});
  EXPECT_THAT(told, ElementsAre(HasSubstr("the device is lost"), HasSubstr("no such file"), HasSubstr("cuda:1: ")));
  EXPECT_EQ(cudaSetDevice(1), cudaSuccess);
  EXPECT_EQ(cudaDeviceReset(), cudaSuccess);
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
}

}  // namespace
}  // namespace pleura::test
