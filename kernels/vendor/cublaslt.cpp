#include "kernels/vendor/cublaslt.hpp"

#include <array>

#include "pleura/text.hpp"

namespace pleura::kernels::vendor {
namespace {

using runtime::DType;

/// What an algorithm may ask for.
constexpr std::size_t most_workspace = 4U << 20U;

cudaDataType type_of(DType type) { return type == DType::f32 ? CUDA_R_32F : CUDA_R_16F; }

CublasLtObject<cublasLtMatmulDesc_t> make_desc(const CublasLt& cublaslt) {
  cublasLtMatmulDesc_t desc = nullptr;
  cublaslt.check(cublaslt.desc_create(&desc, CUBLAS_COMPUTE_32F, CUDA_R_32F), "cublasLtMatmulDescCreate");
  return {desc, cublaslt.desc_destroy};
}

bool is_unpadded(const Convolution& operation) {
  return operation.pad_low == Extent3{} && operation.pad_high == Extent3{};
}

}  // namespace

CublasLt::CublasLt(const Library& library) {
  load(status_string, library, "cublasLtGetStatusString");
  load(create, library, "cublasLtCreate");
  load(destroy, library, "cublasLtDestroy");
  load(matmul, library, "cublasLtMatmul");
  load(heuristic, library, "cublasLtMatmulAlgoGetHeuristic");
  load(desc_create, library, "cublasLtMatmulDescCreate");
  load(desc_destroy, library, "cublasLtMatmulDescDestroy");
  load(desc_set, library, "cublasLtMatmulDescSetAttribute");
  load(layout_create, library, "cublasLtMatrixLayoutCreate");
  load(layout_destroy, library, "cublasLtMatrixLayoutDestroy");
  load(preference_create, library, "cublasLtMatmulPreferenceCreate");
  load(preference_destroy, library, "cublasLtMatmulPreferenceDestroy");
  load(preference_set, library, "cublasLtMatmulPreferenceSetAttribute");
}

void CublasLt::check(cublasStatus_t status, const char* call) const {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const char* const words = status_string(status);
  const bool ours = status == CUBLAS_STATUS_INVALID_VALUE;
  throw Error(ours ? Status::internal : Status::resources, (device.empty() ? "" : device + ": ") + call + ": " +
                                                               (words ? printable(words) : std::to_string(status)));
}

CublasLtObject<cublasLtHandle_t> make_handle(const CublasLt& cublaslt) {
  cublasLtHandle_t handle = nullptr;
  cublaslt.check(cublaslt.create(&handle), "cublasLtCreate");
  return {handle, cublaslt.destroy};
}

std::optional<MatrixProduct> matrix_product(const Convolution& operation) {
  const runtime::TensorDesc &input = operation.input, &output = operation.output;
  const bool types = (input.dtype == DType::f32 || input.dtype == DType::f16) &&
                     (output.dtype == DType::f32 || output.dtype == input.dtype);
  if (!types || !is_unpadded(operation)) return {};
  std::optional<Fused> fused = fusable(operation.epilogue, output);
  if (fused && fused->relu) fused.reset();
  if (operation.kernel == Extent3{1, 1, 1} && operation.stride == Extent3{1, 1, 1})
    return MatrixProduct{output.shape.voxels(), output.shape.c, input.shape.c, input.pitch, input, output, fused};
  const std::int64_t of_image = input.shape.d * input.shape.h * input.shape.w * input.shape.c;
  if (operation.kernel == Extent3{input.shape.d, input.shape.h, input.shape.w} && input.pitch == input.shape.c)
    return MatrixProduct{input.shape.n, output.shape.c, of_image, of_image, input, output, fused};
  return {};
}

// cuBLASLt's matrices lie by columns: a tensor's rows are its columns, and the kernel's, which it transposes.
CublasLtPlan::CublasLtPlan(const CublasLt& cublaslt, const MatrixProduct& product)
    : cublaslt_(cublaslt),
      product_(product),
      desc_(make_desc(cublaslt)),
      kernel_(layout(product.input.dtype, product.inputs, product.outputs, product.inputs)),
      input_(layout(product.input.dtype, product.inputs, product.rows, product.input_pitch)),
      residual_(
          layout(product.output.dtype, product.outputs, product.rows,
                 product.fused && product.fused->residual ? product.fused->residual->pitch : product.output.pitch)),
      output_(layout(product.output.dtype, product.outputs, product.rows, product.output.pitch)) {
  set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
  set(CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_EPILOGUE, product.fused ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT);
}

CublasLtPlan::Layout CublasLtPlan::layout(DType type, std::int64_t rows, std::int64_t columns,
                                          std::int64_t pitch) const {
  cublasLtMatrixLayout_t made = nullptr;
  cublaslt_.check(cublaslt_.layout_create(&made, type_of(type), static_cast<std::uint64_t>(rows),
                                          static_cast<std::uint64_t>(columns), pitch),
                  "cublasLtMatrixLayoutCreate");
  return {made, cublaslt_.layout_destroy};
}

template <class Value>
void CublasLtPlan::set(cublasLtMatmulDescAttributes_t name, const Value& value) const {
  cublaslt_.check(cublaslt_.desc_set(desc_.get(), name, &value, sizeof(value)), "cublasLtMatmulDescSetAttribute");
}

bool CublasLtPlan::choose(cublasLtHandle_t handle) {
  cublasLtMatmulPreference_t made = nullptr;
  cublaslt_.check(cublaslt_.preference_create(&made), "cublasLtMatmulPreferenceCreate");
  const CublasLtObject<cublasLtMatmulPreference_t> preference(made, cublaslt_.preference_destroy);
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t name, const auto& value) {
    cublaslt_.check(cublaslt_.preference_set(preference.get(), name, &value, sizeof(value)),
                    "cublasLtMatmulPreferenceSetAttribute");
  };
  const auto aligned = [](const runtime::TensorDesc& desc) { return static_cast<std::uint32_t>(alignment_of(desc)); };
  const bool adds = product_.fused && product_.fused->residual;
  constexpr std::uint32_t dense_alignment = 16;
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, most_workspace);
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, std::uint32_t{CUBLASLT_REDUCTION_SCHEME_NONE});
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, dense_alignment);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, aligned(product_.input));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, aligned(adds ? *product_.fused->residual : product_.output));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, aligned(product_.output));
  std::array<cublasLtMatmulHeuristicResult_t, 8> results{};
  int found = 0;
  const cublasStatus_t status =
      cublaslt_.heuristic(handle, desc_.get(), kernel_.get(), input_.get(), residual_.get(), output_.get(),
                          preference.get(), static_cast<int>(results.size()), results.data(), &found);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return false;
  cublaslt_.check(status, "cublasLtMatmulAlgoGetHeuristic");
  for (std::size_t i = 0; i < static_cast<std::size_t>(found); ++i) {
    if (results[i].state != CUBLAS_STATUS_SUCCESS) continue;
    algorithm_ = results[i].algo;
    workspace_bytes_ = static_cast<std::int64_t>(results[i].workspaceSize);
    return true;
  }
  return false;
}

void CublasLtPlan::execute(cublasLtHandle_t handle, const VendorOperands& operands, cudaStream_t stream) const {
  if (product_.fused) set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, operands.bias);
  const float one = 1, added = operands.residual ? 1.0F : 0.0F;
  const void* const residual = operands.residual ? operands.residual : operands.output;
  cublaslt_.check(cublaslt_.matmul(handle, desc_.get(), &one, operands.kernel, kernel_.get(), operands.input,
                                   input_.get(), &added, residual, residual_.get(), operands.output, output_.get(),
                                   &algorithm_, operands.workspace, static_cast<std::size_t>(workspace_bytes_), stream),
                  "cublasLtMatmul");
}

}  // namespace pleura::kernels::vendor
