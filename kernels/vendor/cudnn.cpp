#include "kernels/vendor/cudnn.hpp"

#include <algorithm>

#include "pleura/text.hpp"

namespace pleura::kernels::vendor {
namespace {

/// What kind of failure a status is to a caller of pleura.
Status status_of(cudnnStatus_t status) {
  if (status / 1000 == CUDNN_STATUS_EXECUTION_FAILED / 1000) return Status::resources;  // of the device
  switch (status) {
    case CUDNN_STATUS_NOT_INITIALIZED:
    case CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH:
    case CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED:
    case CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED:
    case CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED:
      return Status::resources;
    default:
      return Status::internal;
  }
}

}  // namespace

CudnnError::CudnnError(cudnnStatus_t status, const std::string& message)
    : Error(status_of(status), message), status_(status) {}

Cudnn::Cudnn(const Library& library) {
  load(error_string, library, "cudnnGetErrorString");
  load(create, library, "cudnnCreate");
  load(destroy, library, "cudnnDestroy");
  load(set_stream, library, "cudnnSetStream");
  load(create_descriptor, library, "cudnnBackendCreateDescriptor");
  load(destroy_descriptor, library, "cudnnBackendDestroyDescriptor");
  load(set_attribute, library, "cudnnBackendSetAttribute");
  load(get_attribute, library, "cudnnBackendGetAttribute");
  load(finalize, library, "cudnnBackendFinalize");
  load(execute, library, "cudnnBackendExecute");
}

void Cudnn::check(cudnnStatus_t status, const char* call) const {
  if (status == CUDNN_STATUS_SUCCESS) return;
  const char* const words = error_string(status);
  throw CudnnError(status, (device.empty() ? "" : device + ": ") + call + ": " +
                               (words ? printable(words) : std::to_string(status)));
}

CudnnHandle::CudnnHandle(const Cudnn& cudnn) : handle_(nullptr, {cudnn.destroy}) {
  cudnnHandle_t handle = nullptr;
  cudnn.check(cudnn.create(&handle), "cudnnCreate");
  if (!handle) throw Error(Status::internal, "cudnnCreate gave no handle");
  handle_.reset(handle);
}

Descriptor::Descriptor(const Cudnn& cudnn, cudnnBackendDescriptorType_t type)
    : cudnn_(&cudnn), descriptor_(nullptr, {cudnn.destroy_descriptor}) {
  cudnnBackendDescriptor_t descriptor = nullptr;
  cudnn.check(cudnn.create_descriptor(type, &descriptor), "cudnnBackendCreateDescriptor");
  descriptor_.reset(descriptor);
}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, const Descriptor& other) {
  const Descriptor* const one = &other;
  return set(name, std::span(&one, 1));
}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, std::span<const Descriptor* const> others) {
  std::vector<cudnnBackendDescriptor_t> all;
  for (const Descriptor* const other : others) all.push_back(other->get());
  return set_values(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, all.size(), all.data());
}

Descriptor& Descriptor::set_memory(cudnnBackendAttributeName_t name, std::span<void* const> addresses) {
  return set_values(name, CUDNN_TYPE_VOID_PTR, addresses.size(), addresses.data());
}

Descriptor& Descriptor::set_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                                   std::size_t count, const void* values) {
  const auto status = cudnn_->set_attribute(get(), name, type, static_cast<std::int64_t>(count), values);
  if (status != CUDNN_STATUS_SUCCESS)
    cudnn_->check(status, ("cudnnBackendSetAttribute of " + std::to_string(name)).c_str());
  return *this;
}

void Descriptor::finalize() { cudnn_->check(cudnn_->finalize(get()), "cudnnBackendFinalize"); }

std::size_t Descriptor::get_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::size_t most,
                                   void* values) const {
  std::int64_t count = 0;
  const auto status = cudnn_->get_attribute(get(), name, type, static_cast<std::int64_t>(most), &count, values);
  if (status != CUDNN_STATUS_SUCCESS)
    cudnn_->check(status, ("cudnnBackendGetAttribute of " + std::to_string(name)).c_str());
  return std::min(most, static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
}

std::vector<Descriptor> Descriptor::get(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type,
                                        std::size_t most) const {
  std::vector<Descriptor> found;
  std::vector<cudnnBackendDescriptor_t> addresses;
  for (std::size_t i = 0; i < most; ++i) addresses.push_back(found.emplace_back(*cudnn_, type).get());
  const std::size_t count = get_values(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, most, addresses.data());
  found.erase(found.begin() + static_cast<std::ptrdiff_t>(count), found.end());
  return found;
}

}  // namespace pleura::kernels::vendor
