// Every call of the CUDA runtime fails once, on the emulator: one clear error, nothing left behind, and the same bits
// afterwards where CUDA allows any.
#include <cuda_emulator.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <set>

#include "emulator/src/options.hpp"
#include "kernels/instrument.hpp"
#include "kernels/voxels.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/driver.hpp"
#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

using emulator::Failure;
using emulator::Watch;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

/// Something made on the device and run three times, as steps, as they are recorded, and as a graph; and again after an
/// error.
template <class Make, class Run>
class Subject {
 public:
  using Thing = std::invoke_result_t<Make>;
  using Result = std::invoke_result_t<Run, Thing&>;

  Subject(Make make, Run run) : make_(std::move(make)), run_(std::move(run)) {
    const Watch watch;
    EXPECT_EQ(use().size(), 0u);
    calls_ = watch.calls();
  }

  /// The calls that it makes, in order.
  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

  void expect_to_survive(const Failure& failure) {
    const emulator::Live before = emulator::live();
    std::vector<std::string> errors;
    {
      const Watch watch(failure);
      errors = use();
      EXPECT_LE(errors.size(), 1u) << errors.back();
    }
    EXPECT_EQ(emulator::live(), before);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  }

  void expect_to_say_that_the_device_is_lost(const Failure& failure) {
    const emulator::Live before = emulator::live();
    const Watch watch(failure);
    const bool while_used = use().size() > 0;
    EXPECT_EQ(use().size(), 5u) << "none of a lost device's calls may succeed";
    for (const std::string& error : use()) EXPECT_THAT(error, HasSubstr("the device is lost to this process"));
    EXPECT_EQ(emulator::live(), before);
    EXPECT_EQ(cudaDeviceReset(), cudaSuccess);
    EXPECT_TRUE(while_used || calls_.size() - failure.call < 30) << "nothing was said, though not all had been freed";
  }

 private:
  /// What was thrown. All results are the first there was.
  std::vector<std::string> use() {
    std::vector<std::string> errors;
    std::optional<Thing> thing;
    for (std::size_t run = 0; run < 3 + errors.size() && run < 5; ++run) try {
        if (!thing) thing.emplace(make_());
        const Result result = run_(*thing);
        if (!expected_) expected_ = result;
        EXPECT_TRUE(result == *expected_) << "other bits in run " << run;
      } catch (const Error& error) {
        EXPECT_EQ(error.status(), Status::resources) << error.what();
        EXPECT_THAT(error.what(), MatchesRegex("cuda:0: (cuda[A-Z][A-Za-z]+|launch of [a-z_0-9]+).*: .+"));
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
        errors.emplace_back(error.what());
      }
    return errors;
  }

  Make make_;
  Run run_;
  std::optional<Result> expected_;
  std::vector<std::string> calls_;
};

#ifdef __SANITIZE_THREAD__
constexpr std::size_t thinned = 8;  // it is slow, and there is one thread
#else
constexpr std::size_t thinned = 1;
#endif

/// The first call of each name, and each `stride`-th besides; of these each `share`-th.
std::vector<std::size_t> choose(const std::vector<std::string>& calls, std::size_t stride, std::size_t share) {
  std::set<std::string> names;
  std::vector<std::size_t> chosen;
  std::size_t found = 0;
  for (std::size_t call = 0; call < calls.size(); ++call)
    if ((names.insert(calls[call]).second || call % stride == stride - 1) && found++ % (share * thinned) == 0)
      chosen.push_back(call);
  return chosen;
}

/// As CUDA might fail: for want of memory where it needs some.
cudaError_t transient_error(const std::string& call) {
  for (const char* const name : {"cudaMalloc", "cudaStreamCreateWithFlags", "cudaEventCreate", "cudaGraphInstantiate"})
    if (call == name) return cudaErrorMemoryAllocation;
  return cudaErrorUnknown;
}

/// Calls fail(call, its name) for those that were chosen.
template <class Subject, class Fail>
void for_calls_of(const Subject& subject, std::size_t stride, std::size_t share, const Fail& fail) {
  const std::vector<std::size_t> chosen = choose(subject.calls(), stride, share);
  std::printf("%zu of %zu calls\n", chosen.size(), subject.calls().size());
  for (const std::size_t call : chosen) {
    SCOPED_TRACE("call " + std::to_string(call) + ": " + subject.calls()[call]);
    fail(call, subject.calls()[call]);
  }
}

template <class Subject>
void expect_to_survive(Subject subject, std::size_t stride, std::size_t share = 1) {
  for_calls_of(subject, stride, share, [&](std::size_t call, const std::string& name) {
    subject.expect_to_survive({call, transient_error(name)});
  });
}

template <class Subject>
void expect_to_say_that_the_device_is_lost(Subject subject, std::size_t stride) {
  for_calls_of(subject, stride, 1, [&](std::size_t call, const std::string&) {
    subject.expect_to_say_that_the_device_is_lost({call, cudaErrorLaunchFailure});
  });
}

/// A segmenter: its logits.
auto network() {
  return Subject([segmenter = *tiny_model().segmenter] { return layers::SegmenterNetwork(segmenter, on("cuda:0")); },
                 [](layers::SegmenterNetwork& network) {
                   return network.run(random_volume({16, 16, 16})).values;
                 });
}

/// A classifier, planned but not run, which takes long: what its plan takes.
auto planned_classifier() {
  return Subject(
      [classifier = tiny_model().classifiers.at("m2")] { return layers::ClassifierNetwork(classifier, on("cuda:0")); },
      [](layers::ClassifierNetwork& network) { return network.figures(1).arena_bytes; });
}

/// An engine, which finds no regions to classify: the grid.
auto engine() {
  return Subject([tiny = std::make_shared<TinyCase>()] { return std::pair(tiny, tiny->engine("cuda:0")); },
                 [](std::pair<std::shared_ptr<TinyCase>, Engine>& it) {
                   return it.first->screen(it.second, 0).run.network_shape;
                 });
}

/// An instrument for volumes, with its pool and scratch memory: lists and volumes that several operations make.
auto instrument() {
  struct OpenInstrument {
    kernels::OpenDevice device = on("cuda:0");
    std::unique_ptr<kernels::Instrument> volumes = device.instrument();
  };
  return Subject([] { return OpenInstrument(); },
                 [bits = random_bits({3, 9, 70}, 0.3, 5)](OpenInstrument& it) {
                   kernels::Instrument& on = *it.volumes;
                   const kernels::Parts parts = on.components(on.take(bits), kernels::Connectivity::in_volume);
                   const kernels::Bits largest = on.hulls(on.draw(parts, kernels::Largest{}));
                   return std::tuple(on.read(largest), on.list(parts, 1, 0).size(), on.measure(largest).size());
                 });
}

constexpr std::size_t never = 1 << 30;

TEST(CudaFailures, OfANetworksCallsLeaveItOfUse) { expect_to_survive(network(), 13); }

TEST(CudaFailures, OfAPlansCallsLeaveItOfUse) { expect_to_survive(planned_classifier(), 1); }

TEST(CudaFailures, OfAnEnginesCallsLeaveItOfUse) { expect_to_survive(engine(), never, 16); }

TEST(CudaFailures, OfAnInstrumentsCallsLeaveItOfUse) { expect_to_survive(instrument(), 1); }

TEST(CudaFailures, ThatLoseTheDeviceAreSaidByANetwork) { expect_to_say_that_the_device_is_lost(network(), never); }

TEST(LongCudaFailures, OfANetworksCallsLeaveItOfUse) { expect_to_survive(network(), 1); }

TEST(LongCudaFailures, OfAnEnginesCallsLeaveItOfUse) { expect_to_survive(engine(), never); }

TEST(LongCudaFailures, ThatLoseTheDeviceAreSaidByAnEngine) { expect_to_say_that_the_device_is_lost(engine(), never); }

/// What a piece of work throws, which the machine lacks.
template <class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    return error.what();
  }
  return "none";
}

TEST(CudaFailures, OfTheGpuAreSaidByTheirNames) {
  std::optional<layers::SegmenterNetwork> network(std::in_place, *tiny_model().segmenter, on("cuda:0"));
  const auto run = [&] { (void)network->run(random_volume({16, 16, 16})); };
  for (int i = 0; i < 2; ++i) run();  // the second one records
  std::optional<Watch> watch(std::in_place);
  run();
  const std::vector<std::string> calls = watch->calls();
  const auto launch = std::ranges::find(calls, "cudaGraphLaunch");
  ASSERT_NE(launch, calls.end());
  for (const auto& [error, text] : {std::pair(cudaErrorNoKernelImageForDevice, "no kernel image is available"),
                                    {cudaErrorDevicesUnavailable, "busy or unavailable"},
                                    {cudaErrorECCUncorrectable, "uncorrectable ECC error"}}) {
    watch.reset();
    watch.emplace(Failure{static_cast<std::size_t>(launch - calls.begin()), error});
    EXPECT_THAT(refusal(run), AllOf(StartsWith("cuda:0: cudaGraphLaunch: "), HasSubstr(text)));
  }
  EXPECT_THAT(refusal(run), HasSubstr("uncorrectable ECC error"));
  network.reset();
  EXPECT_EQ(cudaDeviceReset(), cudaSuccess);
}

class Machine : public testing::Test {
 protected:
  ~Machine() override { emulator::options() = before_; }

  static std::string refusal_of(const std::string& device) {
    const std::string message = refusal([&] { (void)kernels::open_device(device, 1); });
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    return message;
  }

 private:
  emulator::Options before_ = emulator::options();
};

TEST_F(Machine, WithoutADriverIsRefused) {
  emulator::options().driver = 0;
  EXPECT_EQ(refusal_of("cuda"), "there is no NVIDIA driver, expected one for CUDA 12 or later, which is 525 or later");
}

TEST_F(Machine, WithAnOldDriverIsRefused) {
  emulator::options().driver = 11040;
  EXPECT_EQ(refusal_of("cuda:1"),
            "the NVIDIA driver is for CUDA 11.4, expected one for CUDA 12 or later, which is 525 or later");
}

TEST_F(Machine, WithoutAGpuIsRefused) {
  emulator::options().devices = 0;
  EXPECT_EQ(refusal_of("cuda"), "CUDA: cudaGetDeviceCount, expected an NVIDIA GPU: no CUDA-capable device is detected");
}

TEST(CudaDriver, ServesItsOwnMajorVersionAndThoseBefore) {
  using runtime::cuda::missing_driver;
  EXPECT_EQ(missing_driver(12000, 12090), "");
  EXPECT_EQ(missing_driver(13000, 12090), "");
  EXPECT_EQ(missing_driver(12090, 13000),
            "the NVIDIA driver is for CUDA 12.9, expected one for CUDA 13 or later, which is 580 or later");
}

}  // namespace
}  // namespace pleura::test
