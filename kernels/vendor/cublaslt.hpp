#pragma once
/// A layer as a matrix product on cuBLASLt, of a library that was opened while the program runs. Only in builds that
/// have NVIDIA's headers; nothing is linked.
#include <cublasLt.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "kernels/convolution.hpp"
#include "kernels/vendor/fused_epilogue.hpp"
#include "kernels/vendor/library.hpp"

namespace pleura::kernels::vendor {

/// The functions that are used.
struct CublasLt {
  decltype(&cublasLtGetStatusString) status_string;
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
  decltype(&cublasLtMatmulDescCreate) desc_create;
  decltype(&cublasLtMatmulDescDestroy) desc_destroy;
  decltype(&cublasLtMatmulDescSetAttribute) desc_set;
  decltype(&cublasLtMatrixLayoutCreate) layout_create;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set;

  std::string device;  ///< "cuda:0", for messages; may be empty

  /// Of a library that can be used: open_cublaslt has seen that all of them are there.
  explicit CublasLt(const Library& library);

  /// Throws Error naming device and call where the status is another than success.
  void check(cublasStatus_t status, const char* call) const;
};

/// What cuBLASLt makes and takes back. Never empty.
template <class Pointer>
class CublasLtObject {
 public:
  CublasLtObject(Pointer made, cublasStatus_t (*destroy)(Pointer)) : object_(made, {destroy}) {}
  [[nodiscard]] Pointer get() const { return object_.get(); }

 private:
  struct Destroy {
    cublasStatus_t (*destroy)(Pointer);
    void operator()(Pointer made) const noexcept { static_cast<void>(destroy(made)); }
  };
  std::unique_ptr<std::remove_pointer_t<Pointer>, Destroy> object_;
};

/// A handle on the CUDA device that the calling thread is bound to. Throws Error where cuBLASLt makes none.
[[nodiscard]] CublasLtObject<cublasLtHandle_t> make_handle(const CublasLt& cublaslt);

/// output[row][o] = sum over i of input[row][i] * kernel[o][i], the kernel dense in the input's type; fused, with bias
/// and residual added. A pitch is the distance of rows in elements.
struct MatrixProduct {
  std::int64_t rows = 0, outputs = 0, inputs = 0, input_pitch = 0;
  runtime::TensorDesc input, output;
  std::optional<Fused> fused;  ///< without ReLU: cuBLASLt does not say what that makes of NaN
};

/// A convolution that is one: of a kernel of 1^3 that steps by 1, or as large as its input, which is dense; nothing
/// padded. Types are f32 or f16, of the output the input's or f32.
[[nodiscard]] std::optional<MatrixProduct> matrix_product(const Convolution& operation);

/// How a product is done: the first of cuBLASLt's own order that sums in fp32, multiplies fp32 in fp32 (no TF32) and
/// splits no sum, so that it gives the same bits each time.
class CublasLtPlan {
 public:
  /// Describes the product; needs no GPU. Throws Error where cuBLASLt refuses that.
  CublasLtPlan(const CublasLt& cublaslt, const MatrixProduct& product);

  /// Looks for an algorithm, once: whether there is one. Throws Error where cuBLASLt fails.
  [[nodiscard]] bool choose(cublasLtHandle_t handle);

  [[nodiscard]] std::int64_t workspace_bytes() const { return workspace_bytes_; }
  [[nodiscard]] bool is_fused() const { return product_.fused.has_value(); }

  /// Queues it. It was chosen. Throws Error.
  void execute(cublasLtHandle_t handle, const VendorOperands& operands, cudaStream_t stream) const;

 private:
  using Layout = CublasLtObject<cublasLtMatrixLayout_t>;
  [[nodiscard]] Layout layout(runtime::DType type, std::int64_t rows, std::int64_t columns, std::int64_t pitch) const;
  template <class Value>
  void set(cublasLtMatmulDescAttributes_t name, const Value& value) const;

  const CublasLt& cublaslt_;
  MatrixProduct product_;
  CublasLtObject<cublasLtMatmulDesc_t> desc_;
  Layout kernel_, input_, residual_, output_;
  cublasLtMatmulAlgo_t algorithm_{};
  std::int64_t workspace_bytes_ = 0;
};

}  // namespace pleura::kernels::vendor
