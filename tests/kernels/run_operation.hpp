#pragma once
/// Runs one kernel variant on guarded tensors, twice, and gives what it wrote.
#include <gtest/gtest.h>

#include "guarded.hpp"
#include "kernels/backend.hpp"
#include "runtime/parallel.hpp"

namespace pleura::test {

/// Dense values for the tensors of an operation.
struct OperationData {
  std::vector<float> input, kernel, bias;
  std::array<std::vector<float>, 2> slopes, residuals;
};

inline kernels::Epilogue epilogue_of(const kernels::Convolution& operation) { return operation.epilogue; }
inline kernels::Epilogue epilogue_of(const kernels::Deconvolution& operation) { return operation.epilogue; }
inline kernels::Epilogue epilogue_of(const kernels::Pooling& /*operation*/) { return {}; }

/// The host's memory as a device, for variants of the CPU and the reference.
inline runtime::Device& host() {
  static const std::unique_ptr<runtime::Device> device = runtime::open_cpu("cpu", 2);
  return *device;
}

/// A step with its weights in a device's memory.
struct ReadyStep {
  std::unique_ptr<runtime::Step> step;
  runtime::Arena weights;
};

inline ReadyStep pack(std::unique_ptr<kernels::WeightedStep> step, const OperationData& data, runtime::Device& device) {
  const std::int64_t bytes = step->form().bytes;
  const runtime::Arena packed(bytes);
  std::memset(packed.data(), 0, static_cast<std::size_t>(bytes));
  step->pack({data.kernel, data.bias, {data.slopes[0], data.slopes[1]}}, packed.data());
  runtime::Arena weights = device.allocate(bytes);
  device.upload(weights.data(), packed.data(), bytes);
  return {std::move(step), std::move(weights)};
}

template <class Operation, class Step>
ReadyStep make_step(const kernels::Variant<Operation, Step>& variant, const Operation& operation,
                    const OperationData& data, runtime::Device& device = host()) {
  if constexpr (std::is_same_v<Step, kernels::WeightedStep>) {
    check(operation, {data.kernel, data.bias, {data.slopes[0], data.slopes[1]}});
    return pack(variant.make(operation, device), data, device);
  } else {
    check(operation);
    return {variant.make(operation, device), device.allocate(0)};
  }
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Fails the test where the variant writes outside its output, changes its input or differs between two runs.
template <class Operation, class Step>
std::vector<float> run_operation(const kernels::Variant<Operation, Step>& variant, const Operation& operation,
                                 const OperationData& data, int threads = 2) {
  SCOPED_TRACE(std::string(variant.name) + ": " + to_string(operation));
  const ThreadScope scope(threads);
  const auto [step, weights] = make_step(variant, operation, data);
  Guarded input(operation.input, data.input);
  Guarded workspace(runtime::dense(runtime::DType::u8, {1, 1, 1, 1, step->workspace_bytes()}));
  runtime::Operands operands{input.data(), nullptr, {}, workspace.data(), weights.data()};
  const kernels::Epilogue epilogue = epilogue_of(operation);
  std::vector<Guarded> residuals;
  residuals.reserve(2);
  for (std::size_t i = 0; i < 2; ++i)
    if (const auto& desc = epilogue.stages[i].residual) {
      residuals.emplace_back(*desc, data.residuals[i]);
      operands.residuals[i] = residuals.back().data();
    }
  std::vector<std::vector<float>> results;
  for (int run = 0; run < 2; ++run) {
    Guarded output(operation.output);
    operands.output = output.data();
    step->enqueue(operands, {threads});
    results.push_back(output.values());
    EXPECT_TRUE(output.surroundings_intact()) << "wrote beside its output";
  }
  EXPECT_TRUE(same_bits(input.values(), Guarded(operation.input, data.input).values()) && input.surroundings_intact())
      << "changed its input";
  EXPECT_TRUE(workspace.surroundings_intact()) << "wrote beside its workspace";
  EXPECT_TRUE(same_bits(results[0], results[1])) << "two runs differ";
  return results[0];
}

}  // namespace pleura::test
