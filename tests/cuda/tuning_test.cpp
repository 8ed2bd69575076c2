// Kernels by measurement on a CUDA device. The emulator's times say nothing of a GPU's, but choices hold all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "layers/tuning/tuner.hpp"
#include "scan/temporary_folder.hpp"
#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

using layers::ClassifierNetwork;
using layers::SegmenterNetwork;
using layers::Tuner;
using layers::TuningCache;

std::shared_ptr<Tuner> tuner_of(const TemporaryFolder& folder, const kernels::OpenDevice& device, Kernels kernels) {
  return std::make_shared<Tuner>(TuningCache(folder / "tuning.json", layers::tuning_scope(device, kernels)));
}

/// In fp16, whose products tensor cores of two generations can do.
TEST(CudaTuning, GivesTheSameBitsFromOneCache) {
  const layers::HostTensor input = random_volume({16, 16, 16});
  const kernels::OpenDevice device = on("cuda");
  const TemporaryFolder folder;
  weights::VNetHyper hyper = tiny_model().segmenter->hyper;
  hyper.channels = {8, 8, 8, 8, 8};
  hyper.block = weights::Block::inception_resnet;
  const weights::Segmenter segmenter = random_segmenter(hyper, 2);
  const auto first = tuner_of(folder, device, Kernels::native);
  SegmenterNetwork tuned(segmenter, device, {DType::f16, 0, Kernels::native, first});
  const std::vector<float> logits = tuned.run(input).values;
  EXPECT_GT(first->measured(), 0);
  for (const layers::TunedLayer& layer : first->take_layers())
    for (const auto& [name, seconds] : layer.seconds) EXPECT_GT(seconds, 0) << layer.layer << " " << name;
  const auto later = tuner_of(folder, device, Kernels::native);
  EXPECT_EQ(later->state(), "reused");
  SegmenterNetwork again(segmenter, device, {DType::f16, 0, Kernels::native, later});
  EXPECT_EQ(again.run(input).values, logits);
  EXPECT_EQ(again.figures({16, 16, 16}).variants, tuned.figures({16, 16, 16}).variants);
  EXPECT_EQ(later->measured(), 0);
}

/// A patch's logits do not depend on the number of patches.
TEST(CudaTuning, ABatchOfAnySizeHasTheSameKernels) {
  const kernels::OpenDevice device = on("cuda");
  const TemporaryFolder folder;
  const auto tuner = tuner_of(folder, device, Kernels::native);
  ClassifierNetwork network(tiny_model().classifiers.at("m2"), device, {DType::f32, 0, Kernels::native, tuner});
  const std::vector<std::string> few = network.figures(ClassifierNetwork::batch).variants;
  const int measured = tuner->measured();
  EXPECT_EQ(network.figures(ClassifierNetwork::gpu_batch).variants, few);
  EXPECT_EQ(tuner->measured(), measured);
}

TEST(CudaTuning, NamesTheGpuAndTheLibraries) {
  const kernels::OpenDevice device = on("cuda");
  const layers::TuningScope native = layers::tuning_scope(device, Kernels::native);
  EXPECT_THAT(native.device, testing::HasSubstr("cuda: " + device.device->properties().model));
  EXPECT_THAT(native.device, testing::HasSubstr(", driver for CUDA "));
  EXPECT_THAT(native.libraries, testing::MatchesRegex("CUDA [0-9]+"));
  EXPECT_THAT(layers::tuning_scope(device, Kernels::any).libraries, testing::HasSubstr("cuDNN"));
}

}  // namespace
}  // namespace pleura::test
