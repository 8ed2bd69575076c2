// A whole screening on the device.
#include <gmock/gmock.h>

#include "api/fixture.hpp"
#include "shared_data.hpp"
#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

Screening screen(const std::string& device, Precision precision) {
  const TemporaryFolder folder;
  EngineOptions options;
  options.device = device;
  options.precision = precision;
  options.threads = 2;
  return Engine(small_weights(folder), options).screen(small_phantom(3).volume);
}

/// A cube that rounding moved by a hair moves single pixels of its patches by one HU.
void expect_close(const Screening& a, const Screening& b, double millimetres, double share) {
  ASSERT_FALSE(a.result.regions.empty());
  ASSERT_EQ(a.result.regions.size(), b.result.regions.size());
  for (std::size_t i = 0; i < a.result.regions.size(); ++i)
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(a.result.regions[i].box_mm.low[k], b.result.regions[i].box_mm.low[k], millimetres);
      for (std::size_t c = 0; c < 3; ++c) {
        const double logit = b.result.regions[i].votes[k].logits[c];
        EXPECT_NEAR(a.result.regions[i].votes[k].logits[c], logit, share * std::max(10.0, std::abs(logit)));
      }
    }
  EXPECT_EQ(a.result.case_result.result, b.result.case_result.result);
}

TEST(LongCudaNetworkEngine, ScreensAsTheCpuDoes) {
  const Screening cuda = screen("cuda", Precision::fp32);
  EXPECT_EQ(cuda.result.run.device, "cuda:0");
  const Screening cpu = screen("cpu", Precision::fp32);
  EXPECT_EQ(cuda.lungs, cpu.lungs);
  expect_close(cuda, cpu, 1e-2, 2e-3);
}

/// Of a CT, on small networks.
void expect_screened_alike(const TinyCase& tiny, const Volume& volume, Precision precision, double probability) {
  const auto screening = [&](const char* device, Precision of_segmenter) {
    ScreenOptions options;
    options.max_regions = 8;
    return tiny.engine(device, of_segmenter).screen(volume, options);
  };
  const Screening cuda = screening("cuda", precision), cpu = screening("cpu", Precision::fp32);
  EXPECT_EQ(cuda.lungs, cpu.lungs);
  EXPECT_EQ(cuda.result.warnings, cpu.result.warnings);
  ASSERT_EQ(cuda.result.regions.size(), cpu.result.regions.size());
  EXPECT_GT(cpu.result.regions.size(), 0U);
  for (std::size_t i = 0; i < cpu.result.regions.size(); ++i) {
    const Region &found = cuda.result.regions[i], &expected = cpu.result.regions[i];
    EXPECT_EQ(found.label, expected.label);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_EQ(found.votes[k].slice, expected.votes[k].slice);
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_NEAR(found.votes[k].probabilities[c], expected.votes[k].probabilities[c], probability);
    }
  }
  const CaseResult &found = cuda.result.case_result, &expected = cpu.result.case_result;
  EXPECT_EQ(found.result, expected.result);
  EXPECT_NEAR(found.p_infection, expected.p_infection, probability);
}

phantom::PhantomOptions coarse() {
  phantom::PhantomOptions options;
  options.seed = 5;
  options.acquisition.spacing = {12, 6, 6};
  options.acquisition.matrix = 64;
  return options;
}

TEST(CudaEngine, ScreensPhantomsAsTheCpuDoes) {
  const TinyCase tiny;
  phantom::PhantomOptions options = coarse();
  expect_screened_alike(tiny, phantom::make_phantom(options).volume, Precision::fp32, 1e-4);
  options.emphysema.severity = 0.7;
  expect_screened_alike(tiny, phantom::make_phantom(options).volume, Precision::fp32, 1e-4);
}

TEST(CudaEngine, ScreensAPhantomInFp16AsTheCpuDoesInFp32) {
  expect_screened_alike(TinyCase(), phantom::make_phantom(coarse()).volume, Precision::fp16, 5e-3);
}

TEST(CudaEngine, RefusesWeightsThatFp16DoesNotHold) {
  const TemporaryFolder folder;
  weights::Model model = tiny_model();
  const auto engine = [&](float weight, const char* device, Precision precision) {
    model.segmenter->tensors.at("head.logits.weight").values.back() = weight;
    weights::write_model(model, folder / "w.h5", false);
    EngineOptions options;
    options.device = device;
    options.precision = precision;
    return Engine(folder / "w.h5", options);
  };
  static_cast<void>(engine(-65519, "cuda", Precision::fp16));
  static_cast<void>(engine(-65520, "cuda", Precision::fp32));
  static_cast<void>(engine(-65520, "cpu", Precision::bf16));
  try {
    static_cast<void>(engine(-65520, "cuda", Precision::fp16));
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::weights_refused);
    EXPECT_THAT(error.what(), testing::HasSubstr("w.h5: /segmenter: layer head.logits: found weights up to 65520"));
  }
}

TEST(CudaEngine, ScreensARealCtAsTheCpuDoes) {
  PLEURA_NEED_SHARED_DATA("lung-masks");
  const Volume volume = read_ct(shared_data("lung-masks/id001-128x128x64.nii.gz"));
  expect_screened_alike(TinyCase(), volume, Precision::fp32, 1e-4);
}

TEST(LongCudaNetworkEngine, ScreensInFp16) {
  const Screening cuda = screen("cuda", Precision::fp16);
  EXPECT_EQ(cuda.result.run.precision, "fp16");
  EXPECT_FALSE(cuda.result.regions.empty());
}

}  // namespace
}  // namespace pleura::test
