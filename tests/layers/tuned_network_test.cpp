// Networks whose kernels were chosen by measurement: real ones, on this processor.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "layers/tuning/bench.hpp"
#include "layers/tuning/tuner.hpp"
#include "models.hpp"
#include "scan/temporary_folder.hpp"

namespace pleura::test {
namespace {

namespace fs = std::filesystem;
using kernels::Convolution;
using kernels::WeightedStep;
using layers::ClassifierNetwork;
using layers::HostTensor;
using layers::Options;
using layers::SegmenterNetwork;
using layers::Tuner;
using layers::TuningCache;
using scan::test::TemporaryFolder;
using weights::Block;

std::shared_ptr<Tuner> tuner_of(const fs::path& file, const kernels::OpenDevice& device) {
  return std::make_shared<Tuner>(TuningCache(file, layers::tuning_scope(device, Kernels::native)));
}

/// Another kernel's step, that takes its time.
class SlowStep final : public WeightedStep {
 public:
  SlowStep(std::unique_ptr<WeightedStep> real, std::chrono::milliseconds wait) : real_(std::move(real)), wait_(wait) {}
  std::int64_t workspace_bytes() const override { return real_->workspace_bytes(); }
  kernels::PackedForm form() const override { return real_->form(); }
  void pack(const kernels::ConvolutionWeights& weights, std::byte* to) const override { real_->pack(weights, to); }
  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    ++runs_;
    std::this_thread::sleep_for(wait_);
    real_->enqueue(operands, stream);
  }
  int runs() const { return runs_; }

 private:
  std::unique_ptr<WeightedStep> real_;
  std::chrono::milliseconds wait_;
  mutable int runs_ = 0;
};

const kernels::ConvolutionVariant& portable() {
  const auto all = kernels::cpu_backend().convolutions;
  return *std::ranges::find_if(all, [](const auto& variant) { return std::string(variant.name) == "portable"; });
}

/// The CPU's backend with one more variant of each convolution, slow, which the model thinks is about as good as the
/// best.
const kernels::Backend& planted_backend() {
  static const auto convolutions = [] {
    const auto real = kernels::cpu_backend().convolutions;
    std::vector<kernels::ConvolutionVariant> all(real.begin(), real.end());
    all.push_back(
        {"planted",
         [](const Convolution& whole, const runtime::Device& device) { return portable().supports(whole, device); },
         [](const Convolution& whole, const runtime::Device& device) {
           double least = portable().cost(whole, device);
           for (const auto& variant : kernels::cpu_backend().convolutions)
             if (variant.supports(whole, device)) least = std::min(least, variant.cost(whole, device));
           return 0.99 * least;
         },
         [](const Convolution& part, const runtime::Device& device) -> std::unique_ptr<WeightedStep> {
           return std::make_unique<SlowStep>(portable().make(part, device), std::chrono::milliseconds(5));
         }});
    return all;
  }();
  static const kernels::Backend backend = [] {
    kernels::Backend made = kernels::cpu_backend();
    made.convolutions = convolutions;
    return made;
  }();
  return backend;
}

TEST(TunedNetwork, DoesNotTakeAVariantThatIsSlow) {
  const TemporaryFolder folder;
  const kernels::OpenDevice device{planted_backend(), runtime::open_cpu("cpu", 2), {}};
  const weights::Segmenter segmenter = random_segmenter(narrow(true, Block::conv5), 1);
  SegmenterNetwork untuned(segmenter, device);
  const auto planted = [](SegmenterNetwork& network) {
    const std::vector<std::string> variants = network.figures({16, 16, 16}).variants;
    return std::ranges::count(variants, "planted");
  };
  EXPECT_GT(planted(untuned), 0) << "the model takes it";
  const auto tuner = tuner_of(folder / "tuning.json", device);
  SegmenterNetwork tuned(segmenter, device, {DType::f32, 0, Kernels::native, tuner});
  EXPECT_EQ(planted(tuned), 0);
  EXPECT_GT(tuner->measured(), 0);
  for (const layers::TunedLayer& layer : tuner->take_layers())
    for (const auto& [name, seconds] : layer.seconds) {
      EXPECT_GE(seconds, name == "planted" ? 5e-3 : 0) << layer.layer << " " << name;
    }
}

/// From a cache that one run made: the same bits in later ones, whatever memory there is.
TEST(TunedNetwork, GivesTheSameBitsFromOneCache) {
  const TemporaryFolder folder;
  const kernels::OpenDevice device = on("cpu");
  const Index3 shape{48, 32, 16};
  const HostTensor input = random_volume(shape);
  for (const DType type : {DType::f32, DType::bf16}) {
    const fs::path file = folder / (type == DType::f32 ? "fp32" : "bf16");
    const weights::Segmenter segmenter = random_segmenter(narrow(true, Block::inception_resnet), 1);
    const auto tuner = tuner_of(file, device);
    SegmenterNetwork first(segmenter, device, {type, 0, Kernels::native, tuner});
    const HostTensor logits = first.run(input);
    EXPECT_GT(tuner->measured(), 0);
    const layers::PlanFigures figures = first.figures(shape);
    for (const std::uint64_t memory : {std::uint64_t{0}, figures.weight_bytes + figures.arena_bytes * 3 / 4}) {
      const auto again = tuner_of(file, device);
      EXPECT_EQ(again->state(), "reused");
      SegmenterNetwork later(segmenter, device, {type, memory, Kernels::native, again});
      EXPECT_EQ(later.run(input).values, logits.values);
      EXPECT_EQ(later.figures(shape).variants, figures.variants);
      EXPECT_EQ(again->measured(), 0);
      EXPECT_EQ(later.figures(shape).slabs > figures.slabs, memory > 0);
    }
  }
}

TEST(TunedNetwork, AnswersOfATunedOneAreThoseOfTheUntunedButForRounding) {
  const TemporaryFolder folder;
  const kernels::OpenDevice device = on("cpu");
  const weights::Segmenter segmenter = random_segmenter(narrow(true, Block::conv5), 1);
  const HostTensor input = random_volume({16, 32, 16});
  const auto tuner = tuner_of(folder / "tuning.json", device);
  const HostTensor tuned = SegmenterNetwork(segmenter, device, {DType::f32, 0, Kernels::native, tuner}).run(input);
  const HostTensor untuned = SegmenterNetwork(segmenter, device).run(input);
  ASSERT_EQ(tuned.values.size(), untuned.values.size());
  float largest = 0;
  for (const float value : untuned.values) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < tuned.values.size(); ++i)
    ASSERT_NEAR(tuned.values[i], untuned.values[i], 1e-4F * largest) << i;
}

TEST(TunedNetwork, MeasuresWithinItsMemory) {
  const TemporaryFolder folder;
  const kernels::OpenDevice device = on("cpu");
  const weights::Segmenter segmenter = random_segmenter(narrow(true, Block::conv5), 1);
  const auto tuner = tuner_of(folder / "tuning.json", device);
  SegmenterNetwork network(segmenter, device, {DType::f32, 1, Kernels::native, tuner});
  EXPECT_THROW((void)network.figures({16, 16, 16}), Error) << "the plan itself does not fit";
  EXPECT_EQ(tuner->measured(), 0);
}

TEST(LayerBench, ReckonsWhatItTakes) {
  Convolution operation;
  operation.input = {DType::f32, {1, 4, 4, 4, 16}, 32};
  operation.output = dense(DType::f32, {1, 4, 4, 4, 8});
  operation.epilogue.stages[0].residual = operation.output;
  const std::int64_t input = (63 * 32 + 16) * 4, output = 64 * 8 * 4;
  EXPECT_EQ(layers::BenchShapes(operation).bytes(),
            (input + 255) / 256 * 256 + 2 * output + 64 * 16 * 4 + 2 * 16 * 8 * 4);
}

TEST(LayerBench, StopsWhereACandidateIsFarTooSlow) {
  const kernels::OpenDevice device = on("cpu");
  Convolution operation;
  operation.input = operation.output = dense(DType::f32, {1, 2, 2, 2, 4});
  const auto step =
      std::make_shared<SlowStep>(portable().make(operation, *device.device), std::chrono::milliseconds(20));
  layers::LayerBench bench(device, layers::BenchShapes(operation));
  EXPECT_GE(bench.seconds(step, step.get(), 1e-6), 20e-3);
  EXPECT_EQ(step->runs(), 2) << "both to warm up";
  EXPECT_GE(bench.seconds(step, step.get(), 1), 20e-3);
  EXPECT_EQ(step->runs(), 2 + 2 + 5);
}

}  // namespace
}  // namespace pleura::test
