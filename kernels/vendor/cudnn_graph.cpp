#include "kernels/vendor/cudnn_graph.hpp"

#include <algorithm>
#include <array>

namespace pleura::kernels::vendor {
namespace {

using runtime::DType;
using runtime::TensorDesc;

/// The tensors of a graph, by the numbers that it knows them by.
enum Id : std::int64_t {
  input_id = 1,
  kernel_id,
  output_id,
  bias_id,
  residual_id,
  sum_id,
  with_residual_id,
  with_bias_id
};

constexpr std::array modes{CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_B, CUDNN_HEUR_MODE_FALLBACK};
constexpr std::size_t most_engines = 64, most_notes = 16;

Descriptor tensor(const Cudnn& cudnn, Id id, const TensorDesc& desc, bool is_virtual = false) {
  const auto& [n, d, h, w, c] = desc.shape;
  const std::array<std::int64_t, 5> sizes{n, c, d, h, w};
  const std::array<std::int64_t, 5> strides{d * h * w * desc.pitch, 1, h * w * desc.pitch, w * desc.pitch, desc.pitch};
  Descriptor made(cudnn, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  made.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, static_cast<std::int64_t>(id))
      .set(CUDNN_ATTR_TENSOR_DATA_TYPE, desc.dtype == DType::f32 ? CUDNN_DATA_FLOAT : CUDNN_DATA_HALF)
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS, sizes)
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES, strides)
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, alignment_of(desc))
      .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, is_virtual)
      .finalize();
  return made;
}

Descriptor convolution(const Cudnn& cudnn, const CudnnLayer& layer) {
  constexpr Extent3 ones{1, 1, 1};
  Descriptor made(cudnn, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  made.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
      .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{3})
      .set<std::int64_t>(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, layer.stride)
      .set<std::int64_t>(CUDNN_ATTR_CONVOLUTION_DILATIONS, ones)
      .set<std::int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, layer.pad_low)
      .set<std::int64_t>(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, layer.pad_high)
      .finalize();
  return made;
}

/// Collects the operations of a layer, and what they refer to.
class Graph {
 public:
  Graph(const CudnnTarget& target, const CudnnLayer& layer)
      : target_(target), layer_(layer), graph_(target.cudnn, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR) {
    const Descriptor output = tensor(target.cudnn, output_id, layer.output);
    if (layer.fused) {
      const Descriptor sum = between(sum_id);
      convolve(sum);
      add_epilogue(sum, output);
    } else {
      convolve(output);
    }
    if (target.handle) graph_.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, target.handle);
    std::vector<const Descriptor*> operations;
    for (const Descriptor& operation : operations_) operations.push_back(&operation);
    graph_.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, std::span<const Descriptor* const>(operations)).finalize();
  }

  [[nodiscard]] const Descriptor& get() const { return graph_; }

 private:
  /// A tensor that never lies in memory.
  [[nodiscard]] Descriptor between(Id id) const {
    return tensor(target_.cudnn, id, dense(DType::f32, layer_.output.shape), true);
  }

  void convolve(const Descriptor& output) {
    const Descriptor input = tensor(target_.cudnn, input_id, layer_.input);
    const Descriptor kernel = tensor(target_.cudnn, kernel_id, layer_.kernel_desc());
    const Descriptor how = convolution(target_.cudnn, layer_);
    if (layer_.transposed)
      operations_.emplace_back(target_.cudnn, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, how)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, input)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, kernel)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, output)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1.0F)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, 0.0F)
          .finalize();
    else
      operations_.emplace_back(target_.cudnn, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, how)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, input)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, kernel)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, output)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1.0F)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0.0F)
          .finalize();
  }

  /// In the order that cuDNN has engines for: residual, bias, ReLU.
  void add_epilogue(const Descriptor& sum, const Descriptor& output) {
    const TensorDesc channels = dense(DType::f32, {1, 1, 1, 1, layer_.output.shape.c});
    const Descriptor bias = tensor(target_.cudnn, bias_id, channels);
    std::optional<Descriptor> with_residual, with_bias;
    if (layer_.fused->residual) {
      with_residual = between(with_residual_id);
      const Descriptor residual = tensor(target_.cudnn, residual_id, *layer_.fused->residual);
      pointwise(CUDNN_POINTWISE_ADD, sum, &residual, *with_residual);
    }
    if (layer_.fused->relu) with_bias = between(with_bias_id);
    pointwise(CUDNN_POINTWISE_ADD, with_residual ? *with_residual : sum, &bias, with_bias ? *with_bias : output);
    if (with_bias) pointwise(CUDNN_POINTWISE_RELU_FWD, *with_bias, nullptr, output);
  }

  /// y = mode(x, b), or of x alone.
  void pointwise(cudnnPointwiseMode_t mode, const Descriptor& x, const Descriptor* b, const Descriptor& y) {
    Descriptor how(target_.cudnn, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    how.set(CUDNN_ATTR_POINTWISE_MODE, mode).set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
    if (mode == CUDNN_POINTWISE_RELU_FWD) how.set(CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, CUDNN_PROPAGATE_NAN);
    how.finalize();
    Descriptor& operation = operations_.emplace_back(target_.cudnn, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
                                .set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, how)
                                .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x)
                                .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    if (b) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b);
    operation.finalize();
  }

  const CudnnTarget& target_;
  const CudnnLayer& layer_;
  std::vector<Descriptor> operations_;
  Descriptor graph_;
};

/// Engines with their settings, the one that cuDNN thinks fastest first. Empty where it has none of this mode.
std::vector<Descriptor> configurations(const CudnnTarget& target, const Graph& graph, cudnnBackendHeurMode_t mode) try {
  Descriptor heuristics(target.cudnn, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.get()).set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
  if (target.properties) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.properties);
  heuristics.finalize();
  return heuristics.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, most_engines);
} catch (const CudnnError& error) {
  if (!error.is_not_supported()) throw;
  return {};
}

template <class Note>
bool has(const std::vector<Note>& notes, Note note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

/// Whether an engine keeps what find_plan promises.
bool keeps_promises(const CudnnPlan& plan, DType type) {
  const bool exact = !has(plan.numerical, CUDNN_NUMERICAL_NOTE_TENSOR_CORE) &&
                     !has(plan.numerical, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS) &&
                     !has(plan.numerical, CUDNN_NUMERICAL_NOTE_FFT) &&
                     !has(plan.numerical, CUDNN_NUMERICAL_NOTE_WINOGRAD);
  return (type != DType::f32 || exact) && !has(plan.numerical, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC) &&
         !has(plan.numerical, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION) &&
         !has(plan.behavior, CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION);
}

/// Empty where it cannot be had here, or breaks a promise.
std::optional<CudnnPlan> plan_of(const CudnnTarget& target, const Descriptor& configuration,
                                 const CudnnLayer& layer) try {
  const std::vector<Descriptor> engines =
      configuration.get(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
  if (engines.empty()) return {};
  const Descriptor& engine = engines.front();
  Descriptor plan(target.cudnn, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
  if (target.properties) plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.properties);
  if (target.handle) plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, target.handle);
  CudnnPlan made(std::move(plan), layer.fused.has_value());
  made.engine = engine.get<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
  made.numerical = engine.get<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, most_notes);
  made.behavior = engine.get<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, most_notes);
  if (!keeps_promises(made, layer.input.dtype)) return {};
  made.finalize();
  return made;
} catch (const CudnnError& error) {
  if (!error.is_not_supported()) throw;
  return {};
}

std::optional<CudnnPlan> first_plan(const CudnnTarget& target, const CudnnLayer& layer) try {
  const Graph graph(target, layer);
  for (const cudnnBackendHeurMode_t mode : modes)
    for (const Descriptor& configuration : configurations(target, graph, mode))
      if (std::optional<CudnnPlan> plan = plan_of(target, configuration, layer)) return plan;
  return {};
} catch (const CudnnError& error) {
  if (!error.is_not_supported()) throw;
  return {};
}

}  // namespace

TensorDesc CudnnLayer::kernel_desc() const {
  const std::int64_t outer = transposed ? input.shape.c : output.shape.c;
  const std::int64_t inner = transposed ? output.shape.c : input.shape.c;
  return dense(input.dtype, {outer, kernel[0], kernel[1], kernel[2], inner});
}

CudnnLayer cudnn_layer(const Convolution& operation) {
  return {false,
          operation.input,
          operation.output,
          operation.kernel,
          operation.stride,
          operation.pad_low,
          operation.pad_high,
          {}};
}

CudnnLayer cudnn_layer(const Deconvolution& operation) {
  return {true, operation.input, operation.output, operation.stride, operation.stride, {}, {}, {}};
}

void CudnnPlan::finalize() {
  plan_.finalize();
  workspace_bytes_ = plan_.get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
}

void CudnnPlan::execute(const Cudnn& cudnn, cudnnHandle_t handle, const VendorOperands& operands) const {
  std::vector<std::int64_t> ids;
  std::vector<void*> memory;
  const auto add = [&](Id id, const void* data) {
    ids.push_back(id);
    memory.push_back(const_cast<void*>(data));  // cuDNN takes what it only reads as void*, too
  };
  add(input_id, operands.input);
  add(kernel_id, operands.kernel);
  add(output_id, operands.output);
  if (fused_) add(bias_id, operands.bias);
  if (operands.residual) add(residual_id, operands.residual);
  Descriptor pack(cudnn, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::span<const std::int64_t>(ids))
      .set_memory(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, memory)
      .set_memory(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, std::span(&operands.workspace, 1))
      .finalize();
  cudnn.check(cudnn.execute(handle, plan_.get(), pack.get()), "cudnnBackendExecute");
}

std::optional<CudnnPlan> find_plan(const CudnnTarget& target, CudnnLayer layer, const Epilogue& epilogue) {
  layer.fused = layer.transposed ? std::nullopt : fusable(epilogue, layer.output);
  std::optional<CudnnPlan> plan = first_plan(target, layer);
  if (plan || !layer.fused) return plan;
  layer.fused.reset();
  return first_plan(target, layer);
}

}  // namespace pleura::kernels::vendor
