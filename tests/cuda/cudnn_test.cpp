// Convolutions, deconvolutions and whole networks on cuDNN and cuBLASLt: on the emulator fakes under their names, which
// convolve and multiply naively and spoil what engines give that must not be taken.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#ifdef PLEURA_FAKE_CUDNN
#include <cuda_emulator.h>
#endif

#include "convolution_checks.hpp"
#include "fake_cudnn.hpp"
#include "kernels/cuda/variants.hpp"
#include "layers/torch_cases.hpp"
#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

using kernels::cuda::cublaslt_convolutions;
using kernels::cuda::cudnn_convolutions;
using kernels::cuda::cudnn_deconvolutions;
using testing::HasSubstr;

/// Sizes that keep the tensors of a test aligned, as those of a plan are.
std::int64_t multiple_of_8(Random& random) { return 8 * random(1, 3); }

/// In fp16 cuDNN rounds the sums, then the epilogue's kernel what it makes of them.
Errors cudnn_bound(DType output) { return output == DType::f16 ? Errors{1e-3, 2e-3, 1e-3} : bound(output); }

template <class Operation>
void expect_supported_and_like_reference(std::span<const kernels::Variant<Operation, kernels::WeightedStep>> variants,
                                         const Operation& operation) {
  const auto cuda = kernels::open_device("cuda", 1);
  ASSERT_TRUE(variants[0].supports(operation, *cuda.device));
  const OperationData data = make_data(operation, false);
  const std::vector<float> expected = run_operation(naive_twin(operation), operation, data);
  const Errors errors = errors_of<float>(run_on_device(variants[0], operation, data), expected, operation.output.shape);
  EXPECT_TRUE(errors.within(cudnn_bound(operation.output.dtype))) << errors;
}

class Cudnn : public OnCudnn {};

TEST_F(Cudnn, ConvolutionAgreesWithTheReference) {
  Random random;
  for (std::size_t i = 0; i < 30; ++i) {
    const Form& form = forms[i % forms.size()];
    ConvolutionSpec spec;
    spec.input = {random(1, 2), random(form.stride[0], 5), random(form.stride[1], 9), random(form.stride[2], 9),
                  multiple_of_8(random)};
    spec.outputs = multiple_of_8(random);
    spec.kernel = form.kernel;
    spec.stride = form.stride;
    spec.pad = form.pad;
    spec.stages = random_stages(random, spec.outputs);
    spec.beside = random(0, 1) * multiple_of_8(random);
    const DType type = i % 2 == 0 ? DType::f32 : DType::f16;
    const Convolution operation = make_convolution(spec, type, type);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_supported_and_like_reference(cudnn_convolutions(), operation);
  }
}

/// What cuDNN does of an epilogue, and what it has no engine for: a residual among other channels.
TEST_F(Cudnn, ConvolutionIsFusedWhereItCanBe) {
  for (const Activation activation : {Activation::none, Activation::relu})
    for (const std::int64_t residual : {0, 8})
      for (const std::int64_t beside : {0, 8}) {
        Convolution operation =
            make_convolution({{1, 3, 4, 5, 8}, 8, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {{{residual, activation}}}, beside},
                             DType::f32, DType::f32);
        if (residual) operation.epilogue.stages[0].residual->pitch += beside;
        SCOPED_TRACE(to_string(operation));
        expect_supported_and_like_reference(cudnn_convolutions(), operation);
      }
}

TEST_F(Cudnn, DeconvolutionAgreesWithTheReference) {
  Random random;
  for (std::size_t i = 0; i < 12; ++i) {
    ConvolutionSpec spec;
    spec.input = {random(1, 2), random(1, 4), random(1, 5), random(1, 6), multiple_of_8(random)};
    spec.outputs = multiple_of_8(random);
    spec.stages = random_stages(random, spec.outputs);
    spec.beside = random(0, 1) * spec.outputs;
    const Deconvolution operation = make_deconvolution(spec, i % 2 == 0 ? DType::f32 : DType::f16);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_supported_and_like_reference(cudnn_deconvolutions(), operation);
  }
}

TEST_F(Cudnn, LeavesLogitsOfFp16ToOthers) {
  const ConvolutionSpec spec{{1, 4, 4, 4, 16}, 8, {1, 1, 1}, {1, 1, 1}, {}, {}, 0};
  const auto cuda = kernels::open_device("cuda", 1);
  EXPECT_FALSE(cudnn_convolutions()[0].supports(make_convolution(spec, DType::f16, DType::f32), *cuda.device));
  EXPECT_FALSE(cudnn_convolutions()[0].supports(make_convolution(spec, DType::bf16, DType::bf16), *cuda.device));
}

/// Whole volumes by a kernel of 1^3, images by one as large as they are. Logits have no residual.
Convolution random_product(Random& random, DType input, DType output) {
  ConvolutionSpec spec;
  spec.input = {random(1, 3), random(1, 4), random(1, 6), random(1, 7), multiple_of_8(random)};
  spec.outputs = multiple_of_8(random);
  if (input == output) spec.stages = random_stages(random, spec.outputs);
  spec.kernel = {1, 1, 1};
  spec.beside = random(0, 1) * multiple_of_8(random);
  if (random(0, 2) == 0) {
    spec.kernel = {spec.input.d, spec.input.h, spec.input.w};
    spec.beside = 0;
  }
  return make_convolution(spec, input, output);
}

TEST_F(Cudnn, ProductsOfMatricesAgreeWithTheReference) {
  Random random;
  constexpr std::array<std::array<DType, 2>, 3> pairs{
      {{DType::f32, DType::f32}, {DType::f16, DType::f16}, {DType::f16, DType::f32}}};
  for (std::size_t i = 0; i < 60; ++i) {
    const auto [input, output] = pairs[i % pairs.size()];
    const Convolution operation = random_product(random, input, output);
    SCOPED_TRACE(random.trace(to_string(operation)));
    expect_supported_and_like_reference(cublaslt_convolutions(), operation);
  }
}

/// What cuBLASLt adds itself: bias and residual, also one among other channels.
TEST_F(Cudnn, ProductsAreFusedWhereTheyCanBe) {
  for (const Activation activation : {Activation::none, Activation::relu})
    for (const std::int64_t residual : {0, 1, 8})
      for (const std::int64_t beside : {0, 8}) {
        Convolution operation = make_convolution(
            {{1, 3, 4, 5, 8}, 8, {1, 1, 1}, {1, 1, 1}, {}, {{{residual, activation}}}, beside}, DType::f32, DType::f32);
        if (residual == 8) operation.epilogue.stages[0].residual->pitch += beside;
        SCOPED_TRACE(to_string(operation));
        expect_supported_and_like_reference(cublaslt_convolutions(), operation);
      }
}

TEST_F(Cudnn, LeavesWhatIsNoProductToOthers) {
  const auto cuda = kernels::open_device("cuda", 1);
  const auto supports = [&](const ConvolutionSpec& spec, DType input, DType output) {
    return cublaslt_convolutions()[0].supports(make_convolution(spec, input, output), *cuda.device);
  };
  EXPECT_TRUE(supports({{1, 4, 4, 4, 16}, 8, {1, 1, 1}, {1, 1, 1}, {}, {}, 0}, DType::f32, DType::f32));
  EXPECT_FALSE(supports({{1, 4, 4, 4, 16}, 8, {1, 1, 1}, {1, 1, 1}, {}, {}, 0}, DType::f32, DType::f16));
  EXPECT_FALSE(supports({{1, 4, 4, 4, 16}, 8, {1, 1, 1}, {1, 1, 1}, {}, {}, 0}, DType::bf16, DType::bf16));
  EXPECT_FALSE(supports({{1, 4, 4, 4, 16}, 8, {1, 1, 1}, {2, 2, 2}, {}, {}, 0}, DType::f32, DType::f32));
  EXPECT_FALSE(supports({{1, 4, 4, 4, 16}, 8, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {}, 0}, DType::f32, DType::f32));
  EXPECT_FALSE(supports({{1, 4, 4, 4, 16}, 8, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {}, 0}, DType::f32, DType::f32));
}

/// Layers of each variant.
std::map<std::string, int> uses(const std::vector<std::string>& variants) {
  std::map<std::string, int> counts;
  for (const std::string& variant : variants) ++counts[variant];
  return counts;
}

class CudnnNetwork : public OnCudnn, public testing::WithParamInterface<std::string> {};

TEST_P(CudnnNetwork, AgreesWithTorch) {
  const json c = find(GetParam());
  const bool classifier = !c["input"].is_array();
  for (const DType type : {DType::f32, DType::f16}) {
    if (classifier && type == DType::f16) continue;  // it runs in fp32 at any precision
    const double bound = type == DType::f32 ? 1e-5 : 4e-3;
#ifdef PLEURA_FAKE_CUDNN
    const int before = of_fake("pleura_fake_cudnn_runs");
#endif
    const Errors errors = errors_of_case(c, on("cuda"), {type, 0, Kernels::cudnn});
    EXPECT_TRUE(errors.within({bound, 2 * bound, bound})) << errors << "; allowed " << bound;
#ifdef PLEURA_FAKE_CUDNN
    EXPECT_GT(of_fake("pleura_fake_cudnn_runs"), before + 5);
#endif
  }
}

INSTANTIATE_TEST_SUITE_P(Small, CudnnNetwork, testing::Values("narrow-vnet", "narrow-ir-vnet", "short-classifier"),
                         [](const auto& network) { return test_name(network.param); });

weights::Segmenter segmenter_for_cudnn() { return random_segmenter(narrow(true, weights::Block::inception_resnet), 1); }

/// Whether it is one of the libraries'.
std::size_t vendors(const std::map<std::string, int>& counts) {
  const auto of = [&](const char* variant) { return counts.contains(variant) ? counts.at(variant) : 0; };
  return static_cast<std::size_t>(of("cudnn") + of("cublaslt"));
}

/// In fp16 the logits, too, whose type differs: cuBLASLt does those.
TEST_F(Cudnn, DoesEveryLayerOfANetworkWhereAsked) {
  for (const DType type : {DType::f32, DType::f16}) {
    layers::SegmenterNetwork network(segmenter_for_cudnn(), on("cuda"), {type, 0, Kernels::cudnn});
    const layers::PlanFigures figures = network.figures({32, 16, 16});
    const std::map<std::string, int> counts = uses(figures.variants);
    EXPECT_EQ(vendors(counts), figures.variants.size());
    EXPECT_GT(counts.at("cublaslt"), 0);
    EXPECT_EQ(figures.slabs, 1);
  }
}

/// Neither where none was asked for, nor where it is not thought faster.
TEST_F(Cudnn, DoesNoLayerUnasked) {
  for (const Kernels kernels : {Kernels::native, Kernels::any}) {
    layers::SegmenterNetwork network(segmenter_for_cudnn(), on("cuda"), {DType::f32, 0, kernels});
    EXPECT_EQ(vendors(uses(network.figures({32, 16, 16}).variants)), 0U);
  }
}

/// Wide layers of 5^3 in fp16 are what it is thought faster for.
TEST_F(Cudnn, IsChosenByCost) {
  weights::VNetHyper hyper = narrow(true, weights::Block::conv5);
  hyper.channels = {8, 8, 8, 64, 8};
  layers::SegmenterNetwork network(random_segmenter(hyper, 2), on("cuda"), {DType::f16, 0, Kernels::any});
  const std::map<std::string, int> counts = uses(network.figures({16, 16, 16}).variants);
  EXPECT_GT(counts.at("cudnn"), 1);
  EXPECT_GT(counts.size(), 1U);
}

/// As steps, as a recorded graph, and on another engine of the same device.
TEST_F(Cudnn, GivesTheSameBitsInEachRun) {
  const layers::HostTensor input = random_volume({16, 16, 16});
  layers::SegmenterNetwork network(segmenter_for_cudnn(), on("cuda"), {DType::f32, 0, Kernels::cudnn});
  const std::vector<float> first = network.run(input).values;
  EXPECT_EQ(network.run(input).values, first) << "as a graph";
  layers::SegmenterNetwork other(segmenter_for_cudnn(), on("cuda"), {DType::f32, 0, Kernels::cudnn});
  EXPECT_EQ(other.run(input).values, first);
  EXPECT_EQ(network.run(input).values, first);
}

/// Slabs would give a voxel other bits: what does not fit whole is refused.
TEST_F(Cudnn, RunsWholeOrNotAtAll) {
  layers::SegmenterNetwork network(segmenter_for_cudnn(), on("cuda"), {DType::f32, 1, Kernels::cudnn});
  EXPECT_THROW((void)network.figures({48, 16, 16}), Error);
}

/// Its result names the kernels.
TEST_F(Cudnn, ScreensAsOurOwnKernelsDo) {
  const TinyCase tiny;
  Engine native = tiny.engine("cuda"), cudnn = tiny.engine("cuda", Precision::fp32, Kernels::cudnn);
  const Result expected = tiny.screen(native, 2), found = tiny.screen(cudnn, 2);
  ASSERT_EQ(found.regions.size(), expected.regions.size());
  ASSERT_FALSE(found.regions.empty());
  for (std::size_t i = 0; i < found.regions.size(); ++i)
    EXPECT_NEAR(found.regions[i].confidence, expected.regions[i].confidence, 1e-4);
  const auto names = [](const Result& result, const std::string& network) {
    std::set<std::string> found_names;
    for (const VariantUse& use : result.run.variants)
      if (use.network == network) found_names.insert(use.variant);
    return found_names;
  };
  for (const char* const network : {"segmenter", "classifier"}) {
    EXPECT_EQ(names(found, network).count("cudnn"), 1U) << network;
    EXPECT_EQ(names(expected, network).count("cudnn"), 0U) << network;
  }
}

#ifdef PLEURA_FAKE_CUDNN
/// A layer that cannot be queued: one error, in each run but as a graph is recorded, and all is of use afterwards.
TEST_F(Cudnn, AFailureIsOneError) {
  const layers::HostTensor input = random_volume({16, 16, 16});
  const auto make = [] {
    return layers::SegmenterNetwork(segmenter_for_cudnn(), on("cuda:0"), {DType::f32, 0, Kernels::cudnn});
  };
  // Which call of a run queues its first layer.
  const auto first_layer = [&](layers::SegmenterNetwork& network) {
    const emulator::Watch watch;
    (void)network.run(input);
    const std::vector<std::string> calls = watch.calls();
    const auto layer = std::ranges::find(calls, "cudaLaunchHostFunc");
    EXPECT_NE(layer, calls.end());
    return emulator::Failure{static_cast<std::size_t>(layer - calls.begin())};
  };
  layers::SegmenterNetwork sound = make(), network = make();
  (void)sound.figures({16, 16, 16});
  (void)network.figures({16, 16, 16});
  const emulator::Failure in_steps = first_layer(sound), while_recorded = first_layer(sound);
  const std::vector<float> expected = sound.run(input).values;
  {
    const emulator::Watch watch(in_steps);
    try {
      (void)network.run(input);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::resources);
      EXPECT_STREQ(error.what(), "cuda:0: cudnnBackendExecute: the fake refuses it");
    }
  }
  EXPECT_EQ(network.run(input).values, expected);
  {
    const emulator::Watch watch(while_recorded);
    EXPECT_EQ(network.run(input).values, expected);
  }
  EXPECT_EQ(network.run(input).values, expected);
}

TEST_F(Cudnn, GivesItsHandlesBack) {
  const auto handles = [] {
    return std::pair{of_fake("pleura_fake_cudnn_handles"),
                     of_fake("pleura_fake_cublaslt_handles", "libcublasLt.so.12")};
  };
  const auto before = handles();
  {
    const kernels::OpenDevice device = on("cuda");
    device.require_cudnn();
    device.require_cudnn();
    EXPECT_EQ(handles(), std::pair(before.first + 1, before.second + 1));
  }
  EXPECT_EQ(handles(), before);
}

std::string refusal(const kernels::OpenDevice& device) {
  try {
    device.require_cudnn();
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

/// With one line; and with any kernels the layers are done by our own.
TEST(CudnnAbsent, IsRefusedByName) {
  for (const auto& [cudnn, cublas, why] :
       {std::array<std::string, 3>{"/nonexistent", fake_folder, "kernels cudnn on device cuda:0: PLEURA_CUDNN="},
        std::array<std::string, 3>{fake_folder, "/nonexistent", "it needs cuBLASLt: PLEURA_CUBLAS="}}) {
    const CudnnIn found(cudnn, cublas);
    const kernels::OpenDevice device = on("cuda");
    const std::string message = refusal(device);
    EXPECT_THAT(message, HasSubstr(why));
    EXPECT_EQ(message.find('\n'), std::string::npos);
    layers::SegmenterNetwork network(segmenter_for_cudnn(), device, {DType::f16, 0, Kernels::any});
    EXPECT_EQ(vendors(uses(network.figures({16, 16, 16}).variants)), 0U);
  }
  EXPECT_THAT(refusal(on("cpu")), HasSubstr("kernels cudnn on device cpu: expected a CUDA device"));
}
#endif

}  // namespace
}  // namespace pleura::test
