// A library under cuBLASLt's name for the emulator: keeps the rules of its descriptors, has algorithms of which the
// first must not be taken where sums are to be whole, and multiplies naively, as a host function of the stream.
#include <cublasLt.h>

#include <cstring>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <vector>

#include "runtime/float16.hpp"

namespace {

using pleura::runtime::fp16_to_float;

/// What cuBLASLt's descriptors and preferences hold.
struct Attributes {
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  std::map<int, std::vector<std::byte>> values;

  cublasStatus_t set(int name, const void* value, std::size_t size) {
    const auto* const bytes = static_cast<const std::byte*>(value);
    values[name].assign(bytes, bytes + size);
    return CUBLAS_STATUS_SUCCESS;
  }
  template <class Value>
  [[nodiscard]] Value get(int name, Value otherwise) const {
    const auto found = values.find(name);
    if (found == values.end() || found->second.size() != sizeof(Value)) return otherwise;
    Value value{};
    std::memcpy(&value, found->second.data(), sizeof(Value));
    return value;
  }
};

/// By columns, as cuBLASLt's are.
struct Matrix {
  cudaDataType type = CUDA_R_32F;
  std::int64_t rows = 0, columns = 0, pitch = 0;

  [[nodiscard]] float load(const void* data, std::int64_t row, std::int64_t column) const {
    const std::int64_t at = column * pitch + row;
    return type == CUDA_R_16F ? fp16_to_float(static_cast<const std::uint16_t*>(data)[at])
                              : static_cast<const float*>(data)[at];
  }
  void store(void* data, std::int64_t row, std::int64_t column, float value) const {
    const std::int64_t at = column * pitch + row;
    if (type == CUDA_R_16F)
      static_cast<std::uint16_t*>(data)[at] = pleura::runtime::float_to_fp16(value);
    else
      static_cast<float*>(data)[at] = value;
  }
};

template <class Made, class Handle>
Made& of(Handle handle) {
  return *reinterpret_cast<Made*>(handle);
}

enum Algorithm : std::uint64_t { split = 1, whole };

/// D = A^T B + beta C + bias; alpha is 1. Bias is a number a row of D.
struct Product {
  Matrix a, b, c, d;
  const void *a_data, *b_data, *c_data;
  void* d_data;
  float beta;
  const float* bias;
  bool spoilt;

  void run() const {
    for (std::int64_t column = 0; column < d.columns; ++column)
      for (std::int64_t row = 0; row < d.rows; ++row) {
        double sum = bias ? static_cast<double>(bias[row]) : 0;
        for (std::int64_t k = 0; k < a.rows; ++k)
          sum += static_cast<double>(a.load(a_data, k, row)) * static_cast<double>(b.load(b_data, k, column));
        if (beta != 0) sum += static_cast<double>(beta * c.load(c_data, row, column));
        d.store(d_data, row, column, spoilt ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(sum));
      }
  }
};

std::list<std::function<void()>>& jobs() {  // of graphs, too, which may be launched again
  static std::list<std::function<void()>> queued;
  return queued;
}

}  // namespace

extern "C" {

int pleura_fake_cublaslt_runs = 0;  ///< products that were queued
int pleura_fake_cublaslt_handles = 0;

size_t cublasLtGetVersion(void) { return 120901; }
size_t cublasLtGetCudartVersion(void) { return CUDART_VERSION; }
const char* cublasLtGetStatusString(cublasStatus_t) { return "the fake refuses it"; }

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = reinterpret_cast<cublasLtHandle_t>(new Attributes);
  ++pleura_fake_cublaslt_handles;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete &of<Attributes>(handle);
  --pleura_fake_cublaslt_handles;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc, cublasComputeType_t compute, cudaDataType_t) {
  auto* const made = new Attributes;
  made->compute = compute;
  *desc = reinterpret_cast<cublasLtMatmulDesc_t>(made);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) {
  delete &of<Attributes>(desc);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t name,
                                              const void* value, size_t size) {
  return of<Attributes>(desc).set(name, value, size);
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type, uint64_t rows,
                                          uint64_t columns, int64_t pitch) {
  if (pitch < static_cast<std::int64_t>(rows)) return CUBLAS_STATUS_INVALID_VALUE;
  *layout = reinterpret_cast<cublasLtMatrixLayout_t>(
      new Matrix{type, static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns), pitch});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete &of<Matrix>(layout);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t, cublasLtMatrixLayoutAttribute_t, const void*,
                                                size_t) {
  return CUBLAS_STATUS_NOT_SUPPORTED;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = reinterpret_cast<cublasLtMatmulPreference_t>(new Attributes);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete &of<Attributes>(preference);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t name, const void* value,
                                                    size_t size) {
  return of<Attributes>(preference).set(name, value, size);
}

/// One that splits its sums where that is allowed, one that cannot be had, one that is sound.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t a,
                                              cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c,
                                              cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t preference, int most,
                                              cublasLtMatmulHeuristicResult_t* results, int* found) {
  const auto& prefer = of<Attributes>(preference);
  *found = 0;
  const auto add = [&](Algorithm algorithm, cublasStatus_t state) {
    if (*found >= most) return;
    cublasLtMatmulHeuristicResult_t& result = results[(*found)++];
    result = {};
    result.algo.data[0] = algorithm;
    // What it may rely on.
    result.algo.data[1] = prefer.get(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, std::uint32_t{256});
    result.algo.data[2] = prefer.get(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, std::uint32_t{256});
    result.algo.data[3] = prefer.get(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, std::uint32_t{256});
    result.workspaceSize = 256;
    result.state = state;
  };
  const auto allowed = prefer.get(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, std::uint32_t{7});
  const bool fit = of<Matrix>(a).rows == of<Matrix>(b).rows && of<Matrix>(d).rows == of<Matrix>(a).columns &&
                   of<Matrix>(d).columns == of<Matrix>(b).columns && of<Matrix>(c).type == of<Matrix>(d).type &&
                   prefer.get(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::size_t{0}) >= 256;
  if (!fit) return CUBLAS_STATUS_INVALID_VALUE;
  if (allowed != CUBLASLT_REDUCTION_SCHEME_NONE) add(split, CUBLAS_STATUS_SUCCESS);
  add(split, CUBLAS_STATUS_NOT_SUPPORTED);
  add(whole, CUBLAS_STATUS_SUCCESS);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t desc, const void* alpha, const void* a_data,
                              cublasLtMatrixLayout_t a, const void* b_data, cublasLtMatrixLayout_t b, const void* beta,
                              const void* c_data, cublasLtMatrixLayout_t c, void* d_data, cublasLtMatrixLayout_t d,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace, size_t workspace_bytes,
                              cudaStream_t stream) {
  const auto& how = of<Attributes>(desc);
  const auto aligned = [](const void* data, std::uint64_t bytes) {
    return data && reinterpret_cast<std::uintptr_t>(data) % bytes == 0;
  };
  if (!aligned(a_data, 16) || !aligned(b_data, algorithm->data[1]) || !aligned(c_data, algorithm->data[2]) ||
      !aligned(d_data, algorithm->data[3]) || !aligned(workspace, 256) || workspace_bytes < 256)
    return CUBLAS_STATUS_INVALID_VALUE;
  const auto epilogue = how.get(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_DEFAULT);
  const float* const bias =
      epilogue == CUBLASLT_EPILOGUE_BIAS
          ? static_cast<const float*>(how.get<const void*>(CUBLASLT_MATMUL_DESC_BIAS_POINTER, nullptr))
          : nullptr;
  const bool known = *static_cast<const float*>(alpha) == 1 &&
                     how.get(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_N) == CUBLAS_OP_T &&
                     how.get(CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N) == CUBLAS_OP_N &&
                     (bias != nullptr) == (epilogue == CUBLASLT_EPILOGUE_BIAS) &&
                     (epilogue == CUBLASLT_EPILOGUE_DEFAULT || epilogue == CUBLASLT_EPILOGUE_BIAS);
  if (!known) return CUBLAS_STATUS_NOT_SUPPORTED;
  const Product product{of<Matrix>(a),
                        of<Matrix>(b),
                        of<Matrix>(c),
                        of<Matrix>(d),
                        a_data,
                        b_data,
                        c_data,
                        d_data,
                        *static_cast<const float*>(beta),
                        bias,
                        algorithm->data[0] != whole || how.compute != CUBLAS_COMPUTE_32F};
  auto& job = jobs().emplace_back([product] { product.run(); });
  const auto call = [](void* queued) { (*static_cast<std::function<void()>*>(queued))(); };
  if (cudaLaunchHostFunc(stream, call, &job) != cudaSuccess) return CUBLAS_STATUS_EXECUTION_FAILED;
  ++pleura_fake_cublaslt_runs;
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
