// Two host threads, each with a device of its own, at the same time: each gets what it would get alone.
#include <cuda_runtime_api.h>

#include <array>
#include <thread>

#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

const std::array<std::string, 2> devices{"cuda:0", "cuda:1"};

/// What work(device) gives alone on the first must come from two threads at once, on both.
template <class Work>
void expect_the_same_at_once(const Work& work) {
  int count = 0;
  ASSERT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
  if (count < 2) GTEST_SKIP() << "there is one device";
  const auto alone = work(devices[0]);
  std::array<decltype(work(devices[0])), 2> together;
  {
    std::array<std::jthread, 2> threads;
    for (std::size_t i = 0; i < 2; ++i) threads[i] = std::jthread([&, i] { together[i] = work(devices[i]); });
  }
  for (const auto& one : together) EXPECT_TRUE(one == alone);
  int current = -1;
  EXPECT_EQ(cudaGetDevice(&current), cudaSuccess);
  EXPECT_EQ(current, 0);
}

TEST(TwoEngines, RunNetworksAtOnce) {
  expect_the_same_at_once([segmenter = *tiny_model().segmenter](const std::string& device) {
    layers::SegmenterNetwork network(segmenter, on(device), {DType::f16});
    std::vector<std::vector<float>> logits;
    for (int run = 0; run < 2; ++run) logits.push_back(network.run(random_volume({16, 16, 16})).values);
    return logits;
  });
}

/// The cases of screenings in turn.
auto screen(const TinyCase& tiny, const std::string& device, int regions, int runs) {
  Engine engine = tiny.engine(device);
  std::vector<double> all;
  for (int run = 0; run < runs; ++run) {
    const Result result = tiny.screen(engine, regions);
    EXPECT_EQ(result.run.device, device);
    all.push_back(result.case_result.p_infection);
    for (const Region& region : result.regions) {
      all.push_back(region.proposal_score);
      for (const ImageVote& vote : region.votes) all.insert(all.end(), vote.logits.begin(), vote.logits.end());
    }
  }
  return all;
}

TEST(TwoEngines, FindProposalsAtOnce) {
  const TinyCase tiny;
  expect_the_same_at_once([&](const std::string& device) { return screen(tiny, device, 0, 2); });
}

TEST(LongTwoEngines, ScreenAtOnce) {
  const TinyCase tiny;
  expect_the_same_at_once([&](const std::string& device) { return screen(tiny, device, 1, 1); });
}

}  // namespace
}  // namespace pleura::test
