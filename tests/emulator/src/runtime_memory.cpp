// The CUDA runtime's host calls for memory and copies.
#include <cstring>
#include <vector>

#include "../include/cuda_runtime_api.h"
#include "call.hpp"
#include "counts.hpp"
#include "device_memory.hpp"
#include "handles.hpp"
#include "options.hpp"
#include "report.hpp"

using namespace emulator;

namespace {

std::uint64_t checksum(const void* data, std::size_t bytes) {
  const auto* byte = static_cast<const unsigned char*>(data);
  std::uint64_t sum = 0xcbf29ce484222325ULL;
  for (std::size_t i = 0; i < bytes; ++i) sum = (sum ^ byte[i]) * 0x100000001b3ULL;
  return sum;
}

void check_range(const char* call, const void* address, std::size_t bytes, bool device) {
  if (bytes == 0) return;
  if (device && !device_contains(address, bytes) && !pinned_contains(address, bytes))
    fail("wrong side", "%s: %zu bytes at %p are not inside one device allocation", call, bytes, address);
  if (!device && device_range_contains(address))
    fail("wrong side", "%s: %p is device memory, host memory was expected", call, address);
}

bool from_device(cudaMemcpyKind kind, const void* from) {
  return kind == cudaMemcpyDefault ? device_contains(from, 1)
                                   : kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
}

bool to_device(cudaMemcpyKind kind, const void* to) {
  return kind == cudaMemcpyDefault ? device_contains(to, 1)
                                   : kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
}

struct Rows {
  std::size_t to_pitch, from_pitch, width, height;
};

cudaError_t queue_copy(const char* call, void* to, const void* from, Rows rows, cudaMemcpyKind kind,
                       cudaStream_t stream) {
  if (rows.width == 0 || rows.height == 0) return cudaSuccess;
  if (rows.width > rows.to_pitch || rows.width > rows.from_pitch) return cudaErrorInvalidValue;
  const bool source_on_device = from_device(kind, from), target_on_device = to_device(kind, to);
  check_range(call, from, (rows.height - 1) * rows.from_pitch + rows.width, source_on_device);
  check_range(call, to, (rows.height - 1) * rows.to_pitch + rows.width, target_on_device);
  Stream& target = stream_of(call, stream);
  const bool whole = rows.height == 1 && !target.capture;
  // A host buffer is not to be used before the copy has finished: what the copy will overwrite cannot be read
  // meanwhile, and what it will read must not change.
  std::uint64_t sum = 0;
  if (whole && !target_on_device) {
    std::memset(to, 0xff, rows.width);
    poison_region(to, rows.width);
  } else if (whole && !source_on_device) {
    sum = checksum(from, rows.width);
  }
  enqueue(target, call, [=](Operation&) {
    if (whole && !target_on_device) unpoison_region(to, rows.width);
    if (whole && !source_on_device && target_on_device && checksum(from, rows.width) != sum)
      fail("use before a copy has finished", "%s: the source changed while the copy was queued", call);
    if (target_on_device && !source_on_device) count_upload(rows.width * rows.height);
    if (source_on_device && !target_on_device) count_download(rows.width * rows.height);
    for (std::size_t row = 0; row < rows.height; ++row)
      std::memcpy(static_cast<char*>(to) + row * rows.to_pitch, static_cast<const char*>(from) + row * rows.from_pitch,
                  rows.width);
  });
  return cudaSuccess;
}

cudaError_t allocate(void** pointer, std::size_t bytes, int device) {
  *pointer = nullptr;
  if (capture_forbids()) return cudaErrorStreamCaptureUnsupported;
  if (bytes == 0) return cudaSuccess;
  *pointer = device_allocate(bytes, device);
  if (!*pointer) return cudaErrorMemoryAllocation;
  count_allocation();
  return cudaSuccess;
}

cudaError_t allocate_pinned(const char* name, void** pointer, std::size_t bytes) {
  return call(name, [&] {
    *pointer = pinned_allocate(bytes);
    return *pointer ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

cudaError_t queue_fill(const char* call, void* to, int value, std::size_t bytes, cudaStream_t stream) {
  check_range(call, to, bytes, true);
  Stream& target = stream_of(call, stream);
  if (const int device = device_of(to); device != -1 && device != target.device) return cudaErrorInvalidValue;
  enqueue(target, call, [=](Operation&) { std::memset(to, value, bytes); });
  return cudaSuccess;
}

// As CUDA does, waits for copies to the host and from pinned memory only. From pageable memory the bytes are staged,
// and on their way when it returns.
cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (capture_forbids()) return cudaErrorStreamCaptureUnsupported;
  Stream& legacy = default_stream(current_device());
  if (to_device(kind, to) && !from_device(kind, from) && !pinned_contains(from, 1)) {
    check_range("cudaMemcpy", from, bytes, false);
    check_range("cudaMemcpy", to, bytes, true);
    finish(legacy);
    const auto* const begin = static_cast<const char*>(from);
    enqueue(legacy, "cudaMemcpy", [to, staged = std::vector<char>(begin, begin + bytes)](Operation&) {
      count_upload(staged.size());
      std::memcpy(to, staged.data(), staged.size());
    });
    return cudaSuccess;
  }
  const cudaError_t error = queue_copy("cudaMemcpy", to, from, {bytes, bytes, bytes, 1}, kind, nullptr);
  if (!to_device(kind, to) || !from_device(kind, from)) finish(legacy);
  return error;
}

}  // namespace

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  return call("cudaMalloc", [&] { return allocate(pointer, bytes, current_device()); });
}

// Of any device, and waits for that one.
cudaError_t cudaFree(void* pointer) {
  return ending_call("cudaFree", [&] {
    if (!pointer) return cudaSuccess;
    if (capture_forbids()) return cudaErrorStreamCaptureUnsupported;
    if (const int device = device_of(pointer); device != -1) finish_device(device);
    return device_free(pointer) ? cudaSuccess : cudaErrorInvalidValue;
  });
}

cudaError_t cudaMallocAsync(void** pointer, std::size_t bytes, cudaStream_t stream) {
  return call("cudaMallocAsync", [&] { return allocate(pointer, bytes, stream_of("cudaMallocAsync", stream).device); });
}

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  return ending_call("cudaFreeAsync", [&] {
    enqueue(stream_of("cudaFreeAsync", stream), "cudaFreeAsync", [pointer](Operation&) {
      if (pointer && !device_free(pointer)) fail("free", "cudaFreeAsync: %p is not a live allocation", pointer);
    });
    return cudaSuccess;
  });
}

cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return allocate_pinned("cudaMallocHost", pointer, bytes);
}

cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  return allocate_pinned("cudaHostAlloc", pointer, bytes);
}

cudaError_t cudaFreeHost(void* pointer) {
  return ending_call("cudaFreeHost", [&] {
    for (int device = 0; device < options().devices; ++device) finish_device(device);
    return !pointer || pinned_free(pointer) ? cudaSuccess : cudaErrorInvalidValue;
  });
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return call("cudaMemcpy", [&] { return copy(to, from, bytes, kind); });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return call("cudaMemcpyAsync", [&] {
    return queue_copy("cudaMemcpyAsync", to, from, {bytes, bytes, bytes, 1}, kind, stream);
  });
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  return call("cudaMemcpy2DAsync", [&] {
    return queue_copy("cudaMemcpy2DAsync", to, from, {to_pitch, from_pitch, width, height}, kind, stream);
  });
}

// Waits for nothing, as CUDA's on device memory.
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return call("cudaMemset", [&] { return queue_fill("cudaMemset", to, value, bytes, nullptr); });
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return call("cudaMemsetAsync", [&] { return queue_fill("cudaMemsetAsync", to, value, bytes, stream); });
}

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes) {
  return call("cudaMemGetInfo", [&] {
    *total_bytes = options().device_memory;
    *free_bytes = *total_bytes - device_bytes_in_use(current_device());
    return cudaSuccess;
  });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  return call("cudaPointerGetAttributes", [&] {
    void* address = const_cast<void*>(pointer);
    if (device_contains(pointer, 1))
      *attributes = {cudaMemoryTypeDevice, device_of(pointer), address, nullptr};
    else if (pinned_contains(pointer, 1))
      *attributes = {cudaMemoryTypeHost, 0, address, address};
    else
      *attributes = {cudaMemoryTypeUnregistered, 0, nullptr, address};
    return cudaSuccess;
  });
}

namespace emulator {

cudaError_t queue_symbol_copy(void* symbol, const void* from, std::size_t bytes, cudaStream_t stream) {
  return call("cudaMemcpyToSymbolAsync", [&] {
    const std::uint64_t sum = checksum(from, bytes);
    enqueue(stream_of("cudaMemcpyToSymbolAsync", stream), "cudaMemcpyToSymbolAsync", [=](Operation&) {
      if (checksum(from, bytes) != sum)
        fail("use before a copy has finished", "cudaMemcpyToSymbolAsync: the source changed while the copy was queued");
      count_upload(bytes);
      std::memcpy(symbol, from, bytes);
    });
    return cudaSuccess;
  });
}

}  // namespace emulator
