// A library under cuDNN's name for the emulator: keeps the rules of the backend's descriptors, has engines of every
// kind, of which most must not be taken, and convolves naively, as a host function of the stream.
#include <cudnn_backend.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "runtime/float16.hpp"

namespace {

using pleura::runtime::fp16_to_float;
using Index = std::array<std::int64_t, 5>;

/// What a descriptor holds: it outlives the descriptor where others refer to it.
struct Node {
  struct Attribute {
    cudnnBackendAttributeType_t type;
    std::vector<std::byte> bytes;
    std::vector<std::shared_ptr<const Node>> nodes;
  };
  cudnnBackendDescriptorType_t type;
  bool finalized = false;
  std::map<cudnnBackendAttributeName_t, Attribute> attributes;
  int engine = 0;  ///< of a configuration, an engine or a plan

  [[nodiscard]] bool has(cudnnBackendAttributeName_t name) const { return attributes.contains(name); }
  [[nodiscard]] const Node& node(cudnnBackendAttributeName_t name) const { return *attributes.at(name).nodes.front(); }
  template <class Value>
  [[nodiscard]] std::vector<Value> values(cudnnBackendAttributeName_t name) const {
    const auto& bytes = attributes.at(name).bytes;
    std::vector<Value> all(bytes.size() / sizeof(Value));
    std::memcpy(all.data(), bytes.data(), bytes.size());
    return all;
  }
  template <class Value>
  [[nodiscard]] Value value(cudnnBackendAttributeName_t name) const {
    Value result{};
    std::memcpy(&result, attributes.at(name).bytes.data(), sizeof(Value));
    return result;
  }
  [[nodiscard]] Index index(cudnnBackendAttributeName_t name) const {
    Index result{};
    std::ranges::copy(values<std::int64_t>(name), result.begin());
    return result;
  }
};

struct Held {
  std::shared_ptr<Node> node;
};

Node& node_of(cudnnBackendDescriptor_t descriptor) { return *static_cast<Held*>(descriptor)->node; }

/// The engines, in the order in which heuristics name them.
enum Engine : int { any_order = 1, tensor_cores, compiling, unfit, sound };

std::size_t size_of(cudnnBackendAttributeType_t type) {
  switch (type) {
    case CUDNN_TYPE_BOOLEAN:
    case CUDNN_TYPE_CHAR:
      return 1;
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_VOID_PTR:
    case CUDNN_TYPE_DOUBLE:
      return 8;
    default:
      return 4;
  }
}

// ---- arithmetic ---------------------------------------------------------------------------------------------------

/// A tensor of a graph, in (n, c, d, h, w), and where it lies in a run.
struct Tensor {
  Index sizes{}, strides{};
  bool half = false, is_virtual = false;
  std::int64_t id = 0, alignment = 1;
  void* data = nullptr;

  Tensor(const Node& node, const std::map<std::int64_t, void*>& memory)
      : sizes(node.index(CUDNN_ATTR_TENSOR_DIMENSIONS)),
        strides(node.index(CUDNN_ATTR_TENSOR_STRIDES)),
        half(node.value<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE) == CUDNN_DATA_HALF),
        is_virtual(node.value<bool>(CUDNN_ATTR_TENSOR_IS_VIRTUAL)),
        id(node.value<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID)),
        alignment(node.value<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT)) {
    if (const auto found = memory.find(id); found != memory.end()) data = found->second;
  }

  [[nodiscard]] std::int64_t elements() const { return sizes[0] * sizes[1] * sizes[2] * sizes[3] * sizes[4]; }
  /// Of one of size 1 in a dimension, its only element there.
  [[nodiscard]] std::int64_t offset(const Index& at) const {
    std::int64_t result = 0;
    for (std::size_t i = 0; i < 5; ++i) result += (sizes[i] == 1 ? 0 : at[i]) * strides[i];
    return result;
  }
  [[nodiscard]] float load(std::int64_t at) const {
    return half ? fp16_to_float(static_cast<const std::uint16_t*>(data)[at]) : static_cast<const float*>(data)[at];
  }
  void store(std::int64_t at, float value) const {
    if (half)
      static_cast<std::uint16_t*>(data)[at] = pleura::runtime::float_to_fp16(value);
    else
      static_cast<float*>(data)[at] = value;
  }
};

template <class Body>
void for_each(const Index& sizes, const Body& body) {
  Index i{};
  for (i[0] = 0; i[0] < sizes[0]; ++i[0])
    for (i[2] = 0; i[2] < sizes[2]; ++i[2])
      for (i[3] = 0; i[3] < sizes[3]; ++i[3])
        for (i[4] = 0; i[4] < sizes[4]; ++i[4])
          for (i[1] = 0; i[1] < sizes[1]; ++i[1]) body(i);
}

/// y of x, or as a gradient x of y: what is summed over is `from`.
struct Convolution {
  Tensor from, kernel, to;
  bool transposed;
  std::vector<std::int64_t> pad, stride;

  [[nodiscard]] float at(const Index& i) const {
    double sum = 0;
    Index j{i[0], 0, 0, 0, 0}, k{};
    for (k[2] = 0; k[2] < kernel.sizes[2]; ++k[2])
      for (k[3] = 0; k[3] < kernel.sizes[3]; ++k[3])
        for (k[4] = 0; k[4] < kernel.sizes[4]; ++k[4]) {
          if (!under(i, k, j)) continue;
          const std::int64_t outer = transposed ? 1 : 0;
          k[outer] = i[1];
          k[1 - outer] = j[1] = 0;
          std::int64_t a = from.offset(j), b = kernel.offset(k);
          const std::int64_t step = kernel.strides[static_cast<std::size_t>(1 - outer)];
          for (std::int64_t c = 0; c < from.sizes[1]; ++c, a += from.strides[1], b += step)
            sum += static_cast<double>(from.load(a)) * static_cast<double>(kernel.load(b));
        }
    return static_cast<float>(sum);
  }

 private:
  /// Whether a tap meets an element of `from`: j in its last three.
  bool under(const Index& i, const Index& k, Index& j) const {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::int64_t p = pad[axis], s = stride[axis], at = i[axis + 2], tap = k[axis + 2];
      if (transposed && (at + p - tap) % s != 0) return false;
      j[axis + 2] = transposed ? (at + p - tap) / s : at * s - p + tap;
      if (j[axis + 2] < 0 || j[axis + 2] >= from.sizes[axis + 2]) return false;
    }
    return true;
  }
};

Convolution convolution_of(const Node& operation, const std::map<std::int64_t, void*>& memory) {
  const bool transposed = operation.type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR;
  const auto tensor = [&](cudnnBackendAttributeName_t forward, cudnnBackendAttributeName_t backward) {
    return Tensor(operation.node(transposed ? backward : forward), memory);
  };
  const Node& how = operation.node(transposed ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC
                                              : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC);
  return {tensor(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY),
          tensor(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W),
          tensor(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX),
          transposed,
          how.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS),
          how.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES)};
}

/// Sums go to the workspace, through the pointwise operations there, and then to their tensor. Engines that must not be
/// taken spoil what they give.
void run(const Node& graph, int engine, const std::map<std::int64_t, void*>& memory, float* workspace) {
  const auto& operations = graph.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).nodes;
  const Convolution convolution = convolution_of(*operations.front(), memory);
  std::int64_t next = 0;
  for_each(convolution.to.sizes, [&](const Index& i) { workspace[next++] = convolution.at(i); });
  Tensor result = convolution.to;
  for (auto operation = operations.begin() + 1; operation != operations.end(); ++operation) {
    const Node& node = **operation;
    const auto mode =
        node.node(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR).value<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE);
    next = 0;
    if (mode == CUDNN_POINTWISE_ADD) {
      const Tensor added(node.node(CUDNN_ATTR_OPERATION_POINTWISE_BDESC), memory);
      for_each(result.sizes, [&](const Index& i) { workspace[next++] += added.load(added.offset(i)); });
    } else {
      for_each(result.sizes, [&](const Index&) {
        float& value = workspace[next++];
        if (value < 0) value = 0;
      });
    }
    result = Tensor(node.node(CUDNN_ATTR_OPERATION_POINTWISE_YDESC), memory);
  }
  const bool spoilt = engine == sound ? false : engine != tensor_cores || !result.half;
  next = 0;
  for_each(result.sizes, [&](const Index& i) {
    result.store(result.offset(i), spoilt ? std::nanf("") : workspace[next]);
    ++next;
  });
}

/// A residual beside others is what the real library has no engine for.
bool is_supported(const Node& graph) {
  for (const auto& operation : graph.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).nodes) {
    if (!operation->has(CUDNN_ATTR_OPERATION_POINTWISE_BDESC)) continue;
    const Tensor added(operation->node(CUDNN_ATTR_OPERATION_POINTWISE_BDESC), {});
    if (added.elements() > added.sizes[1] && added.strides[4] != added.sizes[1]) return false;
  }
  return true;
}

const Node& graph_of(const Node& plan) {
  return plan.node(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).node(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
}

std::int64_t workspace_bytes(const Node& plan) {
  return convolution_of(*graph_of(plan).attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).nodes.front(), {}).to.elements() *
         static_cast<std::int64_t>(sizeof(float));
}

template <class Value>
cudnnStatus_t give(std::initializer_list<Value> values, std::int64_t most, std::int64_t* count, void* to) {
  *count = static_cast<std::int64_t>(values.size());
  std::memcpy(to, std::data(values), std::min(values.size(), static_cast<std::size_t>(most)) * sizeof(Value));
  return CUDNN_STATUS_SUCCESS;
}

/// Makes descriptors that the caller created into others.
void become(const std::vector<std::shared_ptr<Node>>& nodes, std::int64_t most, std::int64_t* count, void* to) {
  *count = std::min(most, static_cast<std::int64_t>(nodes.size()));
  for (std::int64_t i = 0; i < *count; ++i)
    static_cast<Held*>(static_cast<cudnnBackendDescriptor_t*>(to)[i])->node = nodes[static_cast<std::size_t>(i)];
}

}  // namespace

struct cudnnContext {
  cudaStream_t stream = nullptr;
  std::list<std::function<void()>> jobs;  ///< of graphs, too, which may be launched again
};

extern "C" {

int pleura_fake_cudnn_runs = 0;  ///< layers that were queued
int pleura_fake_cudnn_handles = 0;

size_t cudnnGetVersion(void) { return 91002; }
size_t cudnnGetCudartVersion(void) { return CUDART_VERSION; }
const char* cudnnGetErrorString(cudnnStatus_t status) {
  return status == CUDNN_STATUS_NOT_SUPPORTED ? "the fake does not support it" : "the fake refuses it";
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  *handle = new cudnnContext;
  ++pleura_fake_cudnn_handles;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete handle;
  --pleura_fake_cudnn_handles;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t* descriptor) {
  auto held = std::make_unique<Held>();
  held->node = std::make_shared<Node>();
  held->node->type = type;
  *descriptor = held.release();
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  delete static_cast<Held*>(descriptor);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count, const void* values) {
  Node& node = node_of(descriptor);
  if (node.finalized || count < 1 || !values) return CUDNN_STATUS_BAD_PARAM;
  Node::Attribute attribute{type, {}, {}};
  if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
    for (std::int64_t i = 0; i < count; ++i) {
      const auto& other = static_cast<const Held*>(static_cast<const cudnnBackendDescriptor_t*>(values)[i])->node;
      if (!other->finalized) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
      attribute.nodes.push_back(other);
    }
  } else {
    const auto* const bytes = static_cast<const std::byte*>(values);
    attribute.bytes.assign(bytes, bytes + static_cast<std::size_t>(count) * size_of(type));
  }
  node.attributes[name] = std::move(attribute);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  Node& node = node_of(descriptor);
  const auto needs = [&](std::initializer_list<cudnnBackendAttributeName_t> names) {
    return std::ranges::all_of(names, [&](auto name) { return node.has(name); });
  };
  bool complete = true;
  switch (node.type) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR:
      complete = needs({CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_ATTR_TENSOR_DIMENSIONS,
                        CUDNN_ATTR_TENSOR_STRIDES, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT});
      break;
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
      complete = needs({CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_ATTR_OPERATIONGRAPH_OPS});
      break;
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
      complete = needs({CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_ATTR_ENGINEHEUR_MODE});
      if (complete && (node.value<cudnnBackendHeurMode_t>(CUDNN_ATTR_ENGINEHEUR_MODE) != CUDNN_HEUR_MODE_FALLBACK ||
                       !is_supported(node.node(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH))))
        return CUDNN_STATUS_NOT_SUPPORTED;
      break;
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
      complete = needs({CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_ATTR_EXECUTION_PLAN_HANDLE});
      if (complete && node.node(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).engine == unfit)
        return CUDNN_STATUS_NOT_SUPPORTED;
      break;
    default:
      break;
  }
  if (node.finalized || !complete) return CUDNN_STATUS_BAD_PARAM;
  node.finalized = true;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t, int64_t most, int64_t* count, void* values) {
  const Node& node = node_of(descriptor);
  if (!node.finalized) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
  const auto like = [&](cudnnBackendDescriptorType_t type, int engine) {
    auto made = std::make_shared<Node>(node);
    made->type = type;
    made->engine = engine;
    return made;
  };
  switch (name) {
    case CUDNN_ATTR_ENGINEHEUR_RESULTS: {
      std::vector<std::shared_ptr<Node>> results;
      for (const int engine : {any_order, tensor_cores, compiling, unfit, sound})
        results.push_back(like(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, engine));
      become(results, most, count, values);
      return CUDNN_STATUS_SUCCESS;
    }
    case CUDNN_ATTR_ENGINECFG_ENGINE:
      become({like(CUDNN_BACKEND_ENGINE_DESCRIPTOR, node.engine)}, most, count, values);
      return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_GLOBAL_INDEX:
      return give<std::int64_t>({node.engine}, most, count, values);
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
      if (node.engine == any_order) return give({CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC}, most, count, values);
      if (node.engine == tensor_cores)
        return give({CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS}, most, count, values);
      *count = 0;
      return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE:
      if (node.engine == compiling) return give({CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION}, most, count, values);
      *count = 0;
      return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE:
      return give<std::int64_t>({workspace_bytes(node)}, most, count, values);
    default:
      return CUDNN_STATUS_BAD_PARAM;
  }
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack) {
  const std::shared_ptr<Node> of = static_cast<Held*>(plan)->node;
  const Node& run_of = node_of(pack);
  if (!of->finalized || !run_of.finalized || of->value<cudnnHandle_t>(CUDNN_ATTR_EXECUTION_PLAN_HANDLE) != handle)
    return CUDNN_STATUS_BAD_PARAM;
  const auto ids = run_of.values<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const auto data = run_of.values<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  std::map<std::int64_t, void*> memory;
  for (std::size_t i = 0; i < ids.size(); ++i) memory[ids[i]] = data.at(i);
  for (const auto& operation : graph_of(*of).attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).nodes)
    for (const auto& [name, attribute] : operation->attributes)
      for (const auto& node : attribute.nodes) {
        if (node->type != CUDNN_BACKEND_TENSOR_DESCRIPTOR) continue;
        const Tensor tensor(*node, memory);
        if (tensor.is_virtual) continue;
        if (!tensor.data) return CUDNN_STATUS_BAD_PARAM_NULL_POINTER;
        if (reinterpret_cast<std::uintptr_t>(tensor.data) % static_cast<std::uintptr_t>(tensor.alignment) != 0)
          return CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER;
      }
  auto* const workspace = run_of.value<float*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
  if (!workspace || reinterpret_cast<std::uintptr_t>(workspace) % 256 != 0)
    return CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER;
  const int engine = of->node(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).engine;
  auto& job =
      handle->jobs.emplace_back([of, engine, memory, workspace] { run(graph_of(*of), engine, memory, workspace); });
  const auto call = [](void* queued) { (*static_cast<std::function<void()>*>(queued))(); };
  if (cudaLaunchHostFunc(handle->stream, call, &job) != cudaSuccess) return CUDNN_STATUS_EXECUTION_FAILED_CUDART;
  ++pleura_fake_cudnn_runs;
  return CUDNN_STATUS_SUCCESS;
}

}  // extern "C"
