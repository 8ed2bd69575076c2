// Weights are packed once a network, whatever the shapes and slabs; memory that is short makes plans give way.
#include "layers/packed_weights.hpp"

#include <gtest/gtest.h>

#include <set>

#include "bench/counting_device.hpp"
#include "layers/planner.hpp"
#include "models.hpp"
#include "weights/random.hpp"

namespace pleura::test {
namespace {

using bench::CountingDevice;
using layers::PackedWeights;
using layers::PlannedNetwork;
using layers::SegmenterNetwork;
using runtime::Shape;

constexpr auto unbounded = [] { return std::numeric_limits<std::int64_t>::max(); };

/// What each layer's invocations read.
std::vector<std::set<const void*>> pointers_of(const PlannedNetwork& planned) {
  std::vector<std::set<const void*>> pointers(planned.network.layers.size());
  for (const runtime::Invocation& invocation : planned.plan.invocations)
    pointers[invocation.layer].insert(invocation.operands.weights);
  return pointers;
}

TEST(PackedWeights, AreSharedByShapesAndSlabs) {
  const weights::VNetHyper hyper = narrow(true, weights::Block::inception_resnet);
  for (const DType activations : {DType::f32, DType::bf16}) {
    const kernels::OpenDevice device = on("cpu");
    PackedWeights weights(random_segmenter(hyper, 1).tensors, *device.device);
    const auto plan = [&](const Shape& shape, std::int64_t bound) {
      return make_plan(layers::build_vnet(hyper, shape), weights,
                       {device, activations, [bound] { return bound; }, [] { return false; }});
    };
    const PlannedNetwork whole = plan({1, 48, 32, 16, 1}, unbounded());
    const std::int64_t held = weights.held_bytes();
    const PlannedNetwork slabs = plan({1, 48, 32, 16, 1}, held + whole.plan.arena.bytes() * 3 / 4);
    const PlannedNetwork other = plan({1, 32, 64, 32, 1}, unbounded());
    EXPECT_GT(slabs.slabs, whole.slabs);
    EXPECT_EQ(pointers_of(slabs), pointers_of(whole));
    EXPECT_EQ(pointers_of(other), pointers_of(whole));
    EXPECT_EQ(weights.held_bytes(), held);
    for (const PlannedNetwork* planned : {&whole, &slabs, &other}) EXPECT_EQ(planned->plan.weight_bytes, held);
    for (const auto& pointers : pointers_of(slabs)) EXPECT_EQ(pointers.size(), 1U);
  }
}

/// A network at the paper's width on a device that counts.
struct Counted {
  std::shared_ptr<CountingDevice> device = std::make_shared<CountingDevice>();
  SegmenterNetwork network;

  Counted(const char* architecture, const kernels::Backend& backend, DType activations, std::uint64_t memory_bytes = 0)
      : network(*weights::random_model({architecture, 1, {}, false}).segmenter, {backend, device, {}},
                {activations, memory_bytes}) {}
};

struct Case {
  const kernels::Backend* backend;
  DType activations;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const kernels::Backend* backend : kernels::backends())
    if (std::string_view(backend->name) != "reference")
      for (const DType type : backend->activations) all.push_back({backend, type});
  return all;
}

TEST(PackedWeights, OfAFullNetworkGoUpOnce) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(std::string(c.backend->name) + " " + runtime::name_of(c.activations));
    Counted counted("vnet-ir-rpn", *c.backend, c.activations);
    const CountingDevice& device = *counted.device;
    const auto first = counted.network.figures({160, 128, 160});
    EXPECT_EQ(device.allocations, 2) << "the weights and the arena";
    EXPECT_EQ(device.uploads, 1);
    EXPECT_EQ(device.uploaded_bytes, static_cast<std::int64_t>(first.weight_bytes));
    for (const Index3& shape : std::vector<Index3>{{176, 144, 176}, {112, 96, 128}, {96, 96, 96}}) {
      const int allocations = device.allocations;
      EXPECT_EQ(counted.network.figures(shape).weight_bytes, first.weight_bytes);
      EXPECT_EQ(device.allocations, allocations + 1) << "the arena";
      EXPECT_EQ(device.uploads, 1);
    }
    EXPECT_EQ(counted.network.held_bytes(), static_cast<std::uint64_t>(device.held_bytes));
  }
}

TEST(Plans, GiveWayBeforeSlabsGetThinner) {
  const Index3 shapes[] = {{96, 96, 96}, {96, 96, 80}};
  Counted free("vnet", kernels::cpu_backend(), DType::f32), tight("vnet", kernels::cpu_backend(), DType::f32);
  const auto first = free.network.figures(shapes[0]), second = free.network.figures(shapes[1]);
  constexpr std::uint64_t reserve = 80 << 20;  // what a plan leaves to others, and then some
  ASSERT_GT(second.arena_bytes, reserve);
  tight.device->memory_bytes = static_cast<std::int64_t>(first.weight_bytes + first.arena_bytes + reserve);
  for (int i = 0; i < 2; ++i)
    for (const auto& [shape, figures] : {std::pair(shapes[0], first), std::pair(shapes[1], second)}) {
      EXPECT_EQ(tight.network.figures(shape).slabs, figures.slabs);
      EXPECT_EQ(tight.network.held_bytes(), figures.weight_bytes + figures.arena_bytes) << "the other one is gone";
    }
  EXPECT_EQ(tight.device->uploads, 1);
}

TEST(Plans, GetThinnerSlabsWhereMemoryCannotBeHad) {
  const Index3 shape{64, 64, 64};
  const auto arena = [&](std::int64_t largest) {
    Counted counted("vnet", kernels::cpu_backend(), DType::f32);
    (void)counted.network.figures({16, 16, 16});  // the weights are there
    counted.device->largest_piece = largest;
    return counted.network.figures(shape);
  };
  const auto whole = arena(std::numeric_limits<std::int64_t>::max());
  const auto thinner = arena(static_cast<std::int64_t>(whole.arena_bytes) - 1);
  EXPECT_GT(thinner.slabs, whole.slabs);
  EXPECT_LT(thinner.arena_bytes, whole.arena_bytes);
  try {
    (void)arena(1);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_NE(std::string(error.what()).find("needs "), std::string::npos) << error.what();
  }
}

TEST(PackedWeights, AreHeldToFp16WithTheirNormFoldedIn) {
  const weights::VNetHyper hyper = narrow(true, weights::Block::conv5);
  const kernels::OpenDevice device = on("cpu");
  const auto refusal = [&](float weight, float gain) -> std::string {
    weights::TensorMap tensors = random_segmenter(hyper, 1).tensors;
    const layers::Network network = layers::build_vnet(hyper, {1, 16, 16, 16, 1});
    const layers::Layer& layer = network.layers.front();
    tensors.at(layer.name + ".weight").values.front() = weight;
    tensors.at(layer.norm + ".weight").values.front() = gain;
    tensors.at(layer.norm + ".running_var").values.front() = 1;
    tensors.at(layer.name + ".bias").values.front() = 1e6F;  // stays in fp32
    const PackedWeights weights(std::move(tensors), *device.device);
    try {
      weights.require_fp16(network);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::weights_refused);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(65000, 1), "");
  EXPECT_EQ(refusal(1e6F, 0.01F), "");
  EXPECT_NE(refusal(-66000, 1).find("layer stem"), std::string::npos) << refusal(-66000, 1);
  EXPECT_NE(refusal(10, 1e5F), "");
}

}  // namespace
}  // namespace pleura::test
