/// What a forked child may do with a library that its parent has used: OpenMP's threads are not there any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

#include "api/fixture.hpp"
#include "runtime/parallel.hpp"

namespace pleura {
namespace {

/// Runs work in a forked child and returns its exit code: 0 where it returned true, 128 + SIGALRM where it hung.
template <class Work>
int in_child(Work&& work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    bool done = false;
    try {
      done = work();
    } catch (...) {
      done = false;
    }
    std::_Exit(done ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

class ForkTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::filesystem::path weights_ = test::small_weights(folder_);
  Volume patient_ = test::small_phantom(1).volume;
  EngineOptions two_threads_{.threads = 2};
};

TEST_F(ForkTest, RefusesTheParentsEngine) {
  Engine engine(weights_, two_threads_);
  (void)engine.screen(patient_);
  EXPECT_EQ(in_child([&] {
              try {
                (void)engine.screen(patient_);
              } catch (const Error& error) {
                return error.status() == Status::usage &&
                       std::string(error.what()).find("before fork()") != std::string::npos;
              }
              return false;
            }),
            0);
}

TEST_F(ForkTest, ScreensAsTheParentWithAnEngineOfItsOwn) {
  const Result before = Engine(weights_, two_threads_).screen(patient_).result;
  ASSERT_FALSE(before.regions.empty());
  EXPECT_EQ(in_child([&] {
              const Result result = Engine(weights_, two_threads_).screen(patient_).result;
              bool equal = result.regions.size() == before.regions.size();
              for (std::size_t i = 0; equal && i < result.regions.size(); ++i)
                for (int k = 0; k < 3; ++k)
                  equal = equal && result.regions[i].votes[k].logits == before.regions[i].votes[k].logits;
              return equal;
            }),
            0);
}

TEST(Fork, LoopsInAChildRunOnThreads) {
  parallel_for(100, 4, [](std::int64_t) {});
  EXPECT_EQ(in_child([] {
              std::atomic<int> visits{0};
              parallel_for(100, 4, [&](std::int64_t) { ++visits; });
              return visits == 100;
            }),
            0);
}

}  // namespace
}  // namespace pleura
