// What cuDNN itself, 9.10.2, answers for every layer of every network at the paper's width: no GPU is needed, since it
// takes the properties of one as text. Held against golden-9.10.2.csv; where PLEURA_CUDNN names no such library the
// test is skipped.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "kernels/vendor/cublaslt.hpp"
#include "kernels/vendor/cudnn_graph.hpp"
#include "layers/operations.hpp"

namespace pleura::test {
namespace {

using kernels::Convolution;
using kernels::Deconvolution;
using kernels::Pooling;
using runtime::DType;
using namespace kernels::vendor;

const std::filesystem::path golden =
    std::filesystem::path(PLEURA_SOURCE_DIR) / "tests/kernels/vendor/golden-9.10.2.csv";

/// What cuDNN asks of a GPU, of data sheets and CUDA's programming guide; sizes in bytes, clocks in kHz.
struct Gpu {
  const char* name;
  int sm, multiprocessors, shared_at_most, blocks, threads;  ///< the last two of a multiprocessor
  std::int64_t l2, memory;
  int clock, memory_clock, bus;

  [[nodiscard]] std::string json() const {
    std::ostringstream text;
    text << R"({"deviceName":")" << name << R"(","deviceVer":)" << sm << R"(,"multiProcessorCount":)" << multiprocessors
         << R"(,"maxSharedMemoryPerBlock":49152,"maxSharedMemoryPerBlockOptin":)" << shared_at_most
         << R"(,"reservedSharedMemoryPerBlock":)" << (sm >= 800 ? 1024 : 0) << R"(,"maxCtasPerSM":)" << blocks
         << R"(,"maxThreadsPerSM":)" << threads << R"(,"l2CacheSize":)" << l2 << R"(,"totalGlobalMem":)" << memory
         << R"(,"smClockRateKHz":)" << clock << R"(,"memClockRateKHz":)" << memory_clock << R"(,"memoryBusWidth":)"
         << bus
         << R"(,"regsPerBlock":65536,"maxRegistersPerSM":65536,"warpSize":32,"maxThreadsPerBlock":1024,"pciDeviceId":0)"
         << R"(,"isTccDriver":0,"supportCoopLaunch":1,"cudaDeviceId":0,"driverVer":12090)"
         << R"(,"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64]})";
    return text.str();
  }
};
constexpr std::array gpus{
    Gpu{"sm_61", 610, 28, 49152, 32, 2048, 2883584, 11721506816, 1582000, 5505000, 352},       // GTX 1080 Ti
    Gpu{"sm_80", 800, 108, 166912, 32, 2048, 41943040, 42949672960, 1410000, 1215000, 5120},   // A100
    Gpu{"sm_90", 900, 132, 232448, 32, 2048, 52428800, 85899345920, 1980000, 2619000, 5120}};  // H100

/// A layer, and the problem in words, by which it is known.
struct Layer {
  CudnnLayer layer;
  kernels::Epilogue epilogue;
};
std::map<std::string, Layer>& seen() {
  static std::map<std::string, Layer> layers;
  return layers;
}

/// Layers that are products of matrices, likewise.
std::map<std::string, MatrixProduct>& products() {
  static std::map<std::string, MatrixProduct> found;
  return found;
}

/// Notes an operation that the planner asks about.
template <class Operation>
bool note(const Operation& operation, const runtime::Device& /*device*/) {
  if constexpr (std::is_same_v<Operation, Convolution>)
    if (const std::optional<MatrixProduct> product = matrix_product(operation))
      products().insert_or_assign(to_string(operation), *product);
  if constexpr (!std::is_same_v<Operation, Pooling>)
    seen()[to_string(operation)] = {cudnn_layer(operation), operation.epilogue};
  return true;
}
template <class Operation, class Step>
constexpr kernels::Variant<Operation, Step> noting{"noting", note<Operation>, nullptr, nullptr};

/// Those of each network, once each.
void note_layers() {
  static constexpr std::array activations{DType::f32, DType::f16};
  static constexpr auto convolution = noting<Convolution, kernels::WeightedStep>;
  static constexpr auto deconvolution = noting<Deconvolution, kernels::WeightedStep>;
  static constexpr auto pooling = noting<Pooling, runtime::Step>;
  kernels::Backend backend = kernels::reference_backend();
  backend.convolutions = {&convolution, 1};
  backend.deconvolutions = {&deconvolution, 1};
  backend.poolings = {&pooling, 1};
  const auto device = runtime::open_cpu("cpu", 1);
  for (const DType type : activations)
    for (const bool rpn : {true, false})
      for (const auto block : {layers::Block::conv5, layers::Block::inception_resnet}) {
        layers::VNetHyper hyper;
        hyper.rpn = rpn;
        hyper.block = block;
        const auto note_all = [&] {
          layers::Operations(layers::build_vnet(hyper, {1, 144, 128, 160, 1}), backend, *device, type);
        };
        note_all();
        hyper.activation = kernels::Activation::relu;  // which cuDNN does, too
        if (rpn && type == DType::f32) note_all();
      }
  layers::Operations(layers::build_classifier({}, 24), backend, *device, DType::f32);
}

template <class Note>
void add(std::ostream& line, const char* kind, const std::vector<Note>& notes) {
  for (const Note note : std::set<Note>(notes.begin(), notes.end())) line << ' ' << kind << note;
}

/// As the variants do it: the epilogue within where cuDNN has an engine for that.
std::string answer(const CudnnTarget& target, const Layer& layer) {
  std::optional<CudnnPlan> plan = find_plan(target, layer.layer, layer.epilogue);
  if (!plan) return "none,,,";
  std::ostringstream line;
  line << (plan->is_fused() ? "fused," : "plain,") << plan->engine << ',' << plan->workspace_bytes() << ',';
  add(line, "numerical", plan->numerical);
  add(line, "behavior", plan->behavior);
  return line.str();
}

TEST(CudnnPlans, AreThoseOfTheGoldenFile) {
  const Surroundings around = Surroundings::here();
  const Library cublas = open_cublaslt(around, CUDART_VERSION / 1000),
                library = open_cudnn(around, CUDART_VERSION / 1000);
  if (!library.version.starts_with("9.10.2 ") || !library.handle || !cublas.handle)
    GTEST_SKIP() << "cuDNN " << library.version << " " << library.why << "; cuBLASLt " << cublas.version << " "
                 << cublas.why << ": expected cuDNN 9.10.2 and its cuBLASLt";
  const Cudnn cudnn(library);
  note_layers();
  std::vector<std::string> lines{"gpu,layer,epilogue,engine,workspace_bytes,notes"};
  for (const Gpu& gpu : gpus) {
    const std::string json = gpu.json();
    Descriptor properties(cudnn, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    properties.set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, std::span<const char>(json)).finalize();
    for (const auto& [problem, layer] : seen()) {
      lines.push_back(std::string(gpu.name) + "," + problem + "," + answer({cudnn, nullptr, &properties}, layer));
      // What differs in type has none; all others have to have one.
      const bool one_type = layer.layer.input.dtype == layer.layer.output.dtype;
      EXPECT_EQ(lines.back().ends_with(",none,,,"), !one_type) << lines.back();
    }
  }
  std::vector<std::string> expected;
  std::ifstream file(golden);
  for (std::string line; std::getline(file, line);) expected.push_back(line);
  if (lines != expected) {
    std::ofstream found("cudnn-plans.csv");
    for (const std::string& line : lines) found << line << '\n';
  }
  EXPECT_EQ(lines.size(), expected.size());
  for (std::size_t i = 0; i < std::min(lines.size(), expected.size()); ++i)
    ASSERT_EQ(lines[i], expected[i]) << "line " << i + 1 << "; all that was found is in cudnn-plans.csv";
}

/// cuBLASLt describes each without a GPU; it looks for algorithms on one alone.
TEST(CublasLtPlans, DescribeEveryProductOfMatrices) {
  const Library library = open_cublaslt(Surroundings::here(), CUDART_VERSION / 1000);
  if (!library.handle) GTEST_SKIP() << "cuBLASLt " << library.version << " " << library.why;
  const CublasLt cublaslt(library);
  note_layers();
  EXPECT_GT(products().size(), 20U);
  for (const auto& [problem, product] : products()) EXPECT_NO_THROW((void)CublasLtPlan(cublaslt, product)) << problem;
}

}  // namespace
}  // namespace pleura::test
