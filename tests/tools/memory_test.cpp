/// Where memory is short the command says so in one line and ends: it neither hangs nor crashes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "scan/temporary_folder.hpp"
#include "tools/command.hpp"

namespace pleura::test {
namespace {

using scan::test::TemporaryFolder;

void make_phantom(const TemporaryFolder& folder) {
  const Outcome made = run_command(
      "phantom --seed 3 --slices 24 --spacing 10,5.2,5.2 --matrix 70 --out " + (folder / "p").string(), folder.path());
  ASSERT_EQ(made.code, 0) << made.err;
}

TEST(Memory, OfAnySizeEndsWell) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more addresses than there are";
#endif
  const TemporaryFolder folder;
  ASSERT_NO_FATAL_FAILURE(make_phantom(folder));
  int done = 0, refused = 0;
  for (int mebibytes = 110; mebibytes <= 410; mebibytes += 10) {
    const std::string words = "ulimit -v " + std::to_string(mebibytes * 1024) + "; timeout -s KILL 60";
    const Outcome outcome = run_command("scan " + (folder / "p/ct").string(), folder.path(), words);
    constexpr int loader_failed = 127;
    if (outcome.code == loader_failed) continue;
    ++(outcome.code == 0 ? done : refused);
    EXPECT_THAT(outcome.code, testing::AnyOf(0, 4)) << mebibytes << " MiB: " << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), outcome.code == 0 ? 0 : 1) << outcome.err;
  }
  EXPECT_GT(done, 0);
  EXPECT_GT(refused, 0);
}

TEST(Memory, BoundCoversReading) {
  const TemporaryFolder folder;
  ASSERT_NO_FATAL_FAILURE(make_phantom(folder));
  const std::string ct = (folder / "p/ct").string();
  const Outcome outcome = run_command("scan --memory 1 " + ct, folder.path());
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, testing::ContainsRegex(
                               "^pleura: .*p/ct: [0-9.]+ MiB of memory are needed to read 70 x 70 x 24 voxels, 0.0 MiB "
                               "may be used .--memory"));
  EXPECT_EQ(run_command("scan --memory 2G " + ct, folder.path()).code, 0);
}

}  // namespace
}  // namespace pleura::test
