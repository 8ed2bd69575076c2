#pragma once
/// cuDNN's backend interface, of a library that was opened while the program runs: its functions, and its descriptors
/// as RAII types. Only in builds that have NVIDIA's headers; nothing is linked.
#include <cudnn_backend.h>

#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/vendor/library.hpp"
#include "pleura/error.hpp"

namespace pleura::kernels::vendor {

/// What cuDNN answered: its status, and in what() the call and cuDNN's own words.
class CudnnError : public Error {
 public:
  CudnnError(cudnnStatus_t status, const std::string& message);

  /// Whether it can be done otherwise: the layer, engine or type is not supported here.
  [[nodiscard]] bool is_not_supported() const { return status_ / 1000 == CUDNN_STATUS_NOT_SUPPORTED / 1000; }

 private:
  cudnnStatus_t status_;
};

/// The functions that are used.
struct Cudnn {
  decltype(&cudnnGetErrorString) error_string;
  decltype(&cudnnCreate) create;
  decltype(&cudnnDestroy) destroy;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor;
  decltype(&cudnnBackendSetAttribute) set_attribute;
  decltype(&cudnnBackendGetAttribute) get_attribute;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendExecute) execute;

  std::string device;  ///< "cuda:0", for messages; may be empty

  /// Of a library that can be used: open_cudnn has seen that all of them are there.
  explicit Cudnn(const Library& library);

  /// Throws CudnnError naming device and call where the status is another than success.
  void check(cudnnStatus_t status, const char* call) const;
};

/// A handle on the CUDA device that the calling thread is bound to. Never empty.
class CudnnHandle {
 public:
  /// Throws CudnnError where cuDNN makes none, as on a GPU that it has no code for.
  explicit CudnnHandle(const Cudnn& cudnn);

  [[nodiscard]] cudnnHandle_t get() const { return handle_.get(); }

 private:
  struct Destroy {
    decltype(&cudnnDestroy) destroy;
    void operator()(cudnnHandle_t handle) const noexcept { static_cast<void>(destroy(handle)); }
  };
  std::unique_ptr<std::remove_pointer_t<cudnnHandle_t>, Destroy> handle_;
};

/// What cuDNN calls the type of an attribute's values.
template <class Value>
constexpr cudnnBackendAttributeType_t attribute_type = [] {
  static_assert(!std::is_pointer_v<Value> || std::is_same_v<Value, cudnnHandle_t>, "descriptors and memory: see below");
  if constexpr (std::is_same_v<Value, std::int64_t>) return CUDNN_TYPE_INT64;
  if constexpr (std::is_same_v<Value, bool>) return CUDNN_TYPE_BOOLEAN;
  if constexpr (std::is_same_v<Value, float>) return CUDNN_TYPE_FLOAT;
  if constexpr (std::is_same_v<Value, char>) return CUDNN_TYPE_CHAR;
  if constexpr (std::is_same_v<Value, cudnnHandle_t>) return CUDNN_TYPE_HANDLE;
  if constexpr (std::is_same_v<Value, cudnnDataType_t>) return CUDNN_TYPE_DATA_TYPE;
  if constexpr (std::is_same_v<Value, cudnnConvolutionMode_t>) return CUDNN_TYPE_CONVOLUTION_MODE;
  if constexpr (std::is_same_v<Value, cudnnPointwiseMode_t>) return CUDNN_TYPE_POINTWISE_MODE;
  if constexpr (std::is_same_v<Value, cudnnNanPropagation_t>) return CUDNN_TYPE_NAN_PROPOGATION;
  if constexpr (std::is_same_v<Value, cudnnBackendHeurMode_t>) return CUDNN_TYPE_HEUR_MODE;
  if constexpr (std::is_same_v<Value, cudnnBackendNumericalNote_t>) return CUDNN_TYPE_NUMERICAL_NOTE;
  if constexpr (std::is_same_v<Value, cudnnBackendBehaviorNote_t>) return CUDNN_TYPE_BEHAVIOR_NOTE;
}();

/// One of the backend's descriptors. Others that it was given must outlive it. Its functions throw CudnnError.
class Descriptor {
 public:
  Descriptor(const Cudnn& cudnn, cudnnBackendDescriptorType_t type);

  template <class Value>
  Descriptor& set(cudnnBackendAttributeName_t name, const Value& value) {
    return set_values(name, attribute_type<Value>, 1, &value);
  }
  template <class Value>
  Descriptor& set(cudnnBackendAttributeName_t name, std::span<const Value> values) {
    return set_values(name, attribute_type<Value>, values.size(), values.data());
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const Descriptor& other);
  Descriptor& set(cudnnBackendAttributeName_t name, std::span<const Descriptor* const> others);
  /// Addresses in the device's memory.
  Descriptor& set_memory(cudnnBackendAttributeName_t name, std::span<void* const> addresses);

  /// Nothing more can be set then.
  void finalize();

  /// Of a finalized one: its values, at most `most`.
  template <class Value>
  [[nodiscard]] std::vector<Value> get(cudnnBackendAttributeName_t name, std::size_t most) const {
    auto values = std::make_unique<Value[]>(most);
    const std::size_t count = get_values(name, attribute_type<Value>, most, values.get());
    return {values.get(), values.get() + count};
  }
  template <class Value>
  [[nodiscard]] Value get(cudnnBackendAttributeName_t name) const {
    const std::vector<Value> values = get<Value>(name, 1);
    if (values.empty()) throw Error(Status::internal, "cudnnBackendGetAttribute gave no value");
    return values.front();
  }
  /// Descriptors of that type, at most `most`.
  [[nodiscard]] std::vector<Descriptor> get(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type,
                                            std::size_t most) const;

  [[nodiscard]] cudnnBackendDescriptor_t get() const { return descriptor_.get(); }

 private:
  Descriptor& set_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::size_t count,
                         const void* values);
  std::size_t get_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::size_t most,
                         void* values) const;

  struct Destroy {
    decltype(&cudnnBackendDestroyDescriptor) destroy;
    void operator()(cudnnBackendDescriptor_t descriptor) const noexcept { static_cast<void>(destroy(descriptor)); }
  };
  const Cudnn* cudnn_;
  std::unique_ptr<std::remove_pointer_t<cudnnBackendDescriptor_t>, Destroy> descriptor_;
};

}  // namespace pleura::kernels::vendor
