#pragma once
/// Runs one step or kernel variant of the CUDA backend on guarded device tensors, twice, and gives what it wrote.
#include "device_tensor.hpp"
#include "kernels/problems.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {

/// Fails the test where the step writes outside its output or workspace, changes its input or differs between two
/// runs.
template <class Operation>
std::vector<float> run_on_device(const ReadyStep& ready, const Operation& operation, const OperationData& data) {
  const runtime::Step& step = *ready.step;
  const runtime::cuda::Stream stream;
  DeviceInput input(operation.input, data.input);
  const kernels::Epilogue epilogue = epilogue_of(operation);
  std::vector<DeviceInput> residuals;
  residuals.reserve(2);
  runtime::Operands operands;
  operands.input = input.template data<std::byte>();
  for (std::size_t i = 0; i < 2; ++i)
    if (const auto& desc = epilogue.stages[i].residual)
      operands.residuals[i] = residuals.emplace_back(*desc, data.residuals[i]).template data<std::byte>();
  std::vector<std::vector<float>> results;
  for (int run = 0; run < 2; ++run) {
    DeviceOutput output(operation.output);
    DeviceOutput workspace(runtime::dense(runtime::DType::u8, {1, 1, 1, 1, step.workspace_bytes()}));
    operands.output = output.template data<std::byte>();
    operands.workspace = workspace.template data<std::byte>();
    operands.weights = ready.weights.data();
    step.enqueue(operands, {1, stream.get()});
    results.push_back(output.download().values());
    EXPECT_TRUE(output.download().surroundings_intact()) << "wrote beside its output";
    EXPECT_TRUE(workspace.download().surroundings_intact()) << "wrote beside its workspace";
  }
  EXPECT_TRUE(input.unchanged());
  EXPECT_TRUE(same_bits(results[0], results[1])) << "two runs differ";
  return results[0];
}

template <class Operation, class Step>
std::vector<float> run_on_device(const kernels::Variant<Operation, Step>& variant, const Operation& operation,
                                 const OperationData& data) {
  SCOPED_TRACE(std::string(variant.name) + ": " + to_string(operation));
  const auto cuda = kernels::open_device("cuda", 1);
  return run_on_device(make_step(variant, operation, data, *cuda.device), operation, data);
}

}  // namespace pleura::test
