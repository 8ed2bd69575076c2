// Whole networks, also at the paper's width, against PyTorch in float64.
#include <gtest/gtest.h>

#include "torch_cases.hpp"

namespace pleura::test {
namespace {

void expect_like_torch(const json& c, const kernels::OpenDevice& device, const layers::Options& options = {}) {
  const bool narrow = options.activations == DType::bf16;
  const double limit = narrow ? 2e-2 : 1e-5;
  const json& torch = c[narrow ? "bf16" : "fp32"];
  const auto at_most = [&](const char* figure, double times) {
    return std::min(limit * times / 2, times * torch[figure].get<double>());
  };
  const Errors bound{at_most("l2", 2), at_most("max", 4), at_most("border", 2)};
  const Errors errors = errors_of_case(c, device, options);
  EXPECT_TRUE(errors.within(bound)) << c["name"] << ": " << errors << "; allowed " << bound;
  testing::Test::RecordProperty("l2", std::to_string(errors.l2));
}

class Torch : public testing::TestWithParam<std::string> {};

TEST_P(Torch, AgreesWithTheReference) { expect_like_torch(find(GetParam()), on("reference")); }

TEST_P(Torch, AgreesWithTheCpuInFp32) { expect_like_torch(find(GetParam()), on("cpu")); }

TEST_P(Torch, AgreesWithTheCpuInBf16) { expect_like_torch(find(GetParam()), on("cpu"), {DType::bf16}); }

INSTANTIATE_TEST_SUITE_P(Networks, Torch, testing::ValuesIn(names()),
                         [](const auto& network) { return test_name(network.param); });

}  // namespace
}  // namespace pleura::test
