#include "runtime/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
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

TEST(ParallelFor, ZeroThreadsMeansOnePerCore) {
  EXPECT_GE(resolve_threads(0), 1);
  EXPECT_EQ(resolve_threads(3), 3);
}

}  // namespace
}  // namespace pleura
