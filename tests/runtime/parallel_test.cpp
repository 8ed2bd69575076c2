#include "runtime/parallel.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace pleura {
namespace {

TEST(ParallelFor, VisitsEachIndexOnce) {
  std::vector<std::atomic<int>> visits(1000);
  parallel_for(1000, 4, [&](std::int64_t i) { ++visits[i]; });
  for (const auto& count : visits) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, NothingToDo) {
  parallel_for(0, 4, [](std::int64_t) { FAIL(); });
}

TEST(ParallelFor, RethrowsAndStops) {
  std::atomic<int> after{0};
  EXPECT_THROW(parallel_for(100000, 2,
                            [&](std::int64_t i) {
                              if (i == 5) throw std::runtime_error("five");
                              ++after;
                            }),
               std::runtime_error);
  EXPECT_LT(after, 100000);
}

TEST(ParallelForDeathTest, RunsOnTheThreadsThatThereAre) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more addresses than there are";
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto with_few_addresses = [] {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    constexpr rlim_t room = 100 << 20;  // for some of the stacks, of 8 MiB each
    const rlimit limit{pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + room, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &limit);
    std::atomic<int> visits{0};
    parallel_for(1000, 64, [&](std::int64_t) { ++visits; });
    std::exit(visits == 1000 ? 0 : 1);
  };
  EXPECT_EXIT(with_few_addresses(), testing::ExitedWithCode(0), "");
}

TEST(ParallelFor, ZeroThreadsMeansOnePerCore) {
  EXPECT_GE(resolve_threads(0), 1);
  EXPECT_EQ(resolve_threads(3), 3);
}

}  // namespace
}  // namespace pleura
