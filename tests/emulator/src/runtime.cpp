// The CUDA runtime's host calls, on the emulator's memory and queue.
#include <cxxabi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "../include/cuda_runtime_api.h"
#include "block.hpp"
#include "counts.hpp"
#include "device_memory.hpp"
#include "launch_log.hpp"
#include "options.hpp"
#include "queue.hpp"
#include "report.hpp"
#include "sanitizers.hpp"

using namespace emulator;

namespace {

constexpr std::size_t default_shared_bytes = 48 << 10, largest_shared_bytes = 227 << 10;

thread_local cudaError_t last_error = cudaSuccess;
thread_local int current_device = 0;

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

std::map<const void*, int>& shared_limits() {
  static std::map<const void*, int> limits;
  return limits;
}

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
  if (rows.width > rows.to_pitch || rows.width > rows.from_pitch) return remember(cudaErrorInvalidValue);
  const bool source_on_device = from_device(kind, from), target_on_device = to_device(kind, to);
  check_range(call, from, (rows.height - 1) * rows.from_pitch + rows.width, source_on_device);
  check_range(call, to, (rows.height - 1) * rows.to_pitch + rows.width, target_on_device);
  Stream& target = stream_of(stream);
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

cudaError_t refuse_while_capturing() {
  return anything_captured() ? remember(cudaErrorStreamCaptureUnsupported) : cudaSuccess;
}

}  // namespace

// ---- memory -------------------------------------------------------------------------------------------------------

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  *pointer = nullptr;
  if (const cudaError_t error = refuse_while_capturing()) return error;
  if (bytes == 0) return cudaSuccess;
  *pointer = device_allocate(bytes, current_device);
  if (!*pointer) return remember(cudaErrorMemoryAllocation);
  count_allocation();
  return cudaSuccess;
}

cudaError_t cudaFree(void* pointer) {
  if (!pointer) return cudaSuccess;
  if (const cudaError_t error = refuse_while_capturing()) return error;
  finish_all();
  return device_free(pointer) ? cudaSuccess : remember(cudaErrorInvalidValue);
}

cudaError_t cudaMallocAsync(void** pointer, std::size_t bytes, cudaStream_t) { return cudaMalloc(pointer, bytes); }

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  enqueue(stream_of(stream), "cudaFreeAsync", [pointer](Operation&) {
    if (pointer && !device_free(pointer)) fail("free", "cudaFreeAsync: %p is not a live allocation", pointer);
  });
  return cudaSuccess;
}

cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  *pointer = pinned_allocate(bytes);
  return *pointer ? cudaSuccess : remember(cudaErrorMemoryAllocation);
}

cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) { return cudaMallocHost(pointer, bytes); }

cudaError_t cudaFreeHost(void* pointer) {
  finish_all();
  return !pointer || pinned_free(pointer) ? cudaSuccess : remember(cudaErrorInvalidValue);
}

// As CUDA does, waits for copies to the host and from pinned memory only. From pageable memory the bytes are staged,
// and on their way when it returns.
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (const cudaError_t error = refuse_while_capturing()) return error;
  if (to_device(kind, to) && !from_device(kind, from) && !pinned_contains(from, 1)) {
    check_range("cudaMemcpy", from, bytes, false);
    check_range("cudaMemcpy", to, bytes, true);
    finish(stream_of(nullptr));
    const auto* const begin = static_cast<const char*>(from);
    enqueue(stream_of(nullptr), "cudaMemcpy", [to, staged = std::vector<char>(begin, begin + bytes)](Operation&) {
      count_upload(staged.size());
      std::memcpy(to, staged.data(), staged.size());
    });
    return cudaSuccess;
  }
  const cudaError_t error = queue_copy("cudaMemcpy", to, from, {bytes, bytes, bytes, 1}, kind, nullptr);
  if (!to_device(kind, to) || !from_device(kind, from)) finish(stream_of(nullptr));
  return error;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return queue_copy("cudaMemcpyAsync", to, from, {bytes, bytes, bytes, 1}, kind, stream);
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  return queue_copy("cudaMemcpy2DAsync", to, from, {to_pitch, from_pitch, width, height}, kind, stream);
}

// Waits for nothing, as CUDA's on device memory.
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) { return cudaMemsetAsync(to, value, bytes, nullptr); }

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  check_range("cudaMemsetAsync", to, bytes, true);
  enqueue(stream_of(stream), "cudaMemsetAsync", [=](Operation&) { std::memset(to, value, bytes); });
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes) {
  *total_bytes = options().device_memory;
  *free_bytes = *total_bytes - device_bytes_in_use();
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  void* address = const_cast<void*>(pointer);
  if (device_contains(pointer, 1))
    *attributes = {cudaMemoryTypeDevice, 0, address, nullptr};
  else if (pinned_contains(pointer, 1))
    *attributes = {cudaMemoryTypeHost, 0, address, address};
  else
    *attributes = {cudaMemoryTypeUnregistered, 0, nullptr, address};
  return cudaSuccess;
}

// ---- streams, events, graphs --------------------------------------------------------------------------------------

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, cudaStreamDefault); }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  *stream = create_stream((flags & cudaStreamNonBlocking) == 0, current_device);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (!stream) return remember(cudaErrorInvalidResourceHandle);
  destroy_stream(stream);
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (stream_of(stream).capture) return remember(cudaErrorStreamCaptureUnsupported);
  finish(stream_of(stream));
  return cudaSuccess;
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  const auto last = stream_of(stream).last;
  if (last && !last->done) progress();
  return !last || last->done ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  wait(stream_of(stream), *event);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new Event{current_device, {}, nullptr, {}};
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  if (stream && stream->device != event->device) return remember(cudaErrorInvalidResourceHandle);
  record(*event, stream_of(stream));
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  finish(event->recorded);
  return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  if (event->recorded && !event->recorded->done) progress();
  return !event->recorded || event->recorded->done ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  if (!start->recorded || !end->recorded) return remember(cudaErrorInvalidResourceHandle);
  if (!start->recorded->done || !end->recorded->done) return cudaErrorNotReady;
  *milliseconds = static_cast<float>((end->recorded->seconds - start->recorded->seconds) * 1e3);
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  if (const cudaError_t error = refuse_while_capturing()) return error;
  finish_all();
  return cudaSuccess;
}

cudaError_t cudaDeviceReset() {
  finish_all();
  const auto leaks = live_allocations();
  if (!leaks.empty())
    fail("leak", "%zu allocations were never freed, the first of %zu bytes", leaks.size(), leaks.front());
  return cudaSuccess;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, void (*function)(void*), void* data) {
  enqueue(stream_of(stream), "cudaLaunchHostFunc", [=](Operation&) { function(data); });
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (!stream || stream->capture) return remember(cudaErrorStreamCaptureUnsupported);
  stream->capture = new Graph;
  stream->capture_after.clear();
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (!stream || !stream->capture) return remember(cudaErrorStreamCaptureInvalidated);
  *graph = stream->capture;
  end_capture(*graph);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = new Graph(*graph);
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  launch(*executable, stream_of(stream));
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, void**, std::size_t* count) {
  *count = graph->nodes.size();
  return cudaSuccess;
}

// ---- errors and devices -------------------------------------------------------------------------------------------

cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }

cudaError_t cudaPeekAtLastError() { return last_error; }

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorInvalidDevicePointer:
      return "cudaErrorInvalidDevicePointer";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorInvalidResourceHandle:
      return "cudaErrorInvalidResourceHandle";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    case cudaErrorStreamCaptureUnsupported:
      return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorStreamCaptureInvalidated:
      return "cudaErrorStreamCaptureInvalidated";
  }
  return "unknown error";
}

const char* cudaGetErrorString(cudaError_t error) { return cudaGetErrorName(error); }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = options().devices;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = current_device;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= options().devices) return remember(cudaErrorInvalidDevice);
  current_device = device;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device >= options().devices) return remember(cudaErrorInvalidDevice);
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "CUDA emulator");
  properties->totalGlobalMem = options().device_memory;
  properties->sharedMemPerBlock = default_shared_bytes;
  properties->sharedMemPerBlockOptin = largest_shared_bytes;
  properties->sharedMemPerMultiprocessor = 228 << 10;
  properties->major = 9;
  properties->minor = 0;
  properties->multiProcessorCount = 2;
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = 1024;
  properties->regsPerBlock = properties->regsPerMultiprocessor = 65536;
  properties->maxThreadsPerMultiProcessor = 2048;
  properties->l2CacheSize = 1 << 20;
  properties->maxGridSize[0] = 2147483647;
  properties->maxGridSize[1] = properties->maxGridSize[2] = 65535;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp properties;
  if (const cudaError_t error = cudaGetDeviceProperties(&properties, device)) return error;
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      *value = properties.maxThreadsPerBlock;
      return cudaSuccess;
    case cudaDevAttrMultiProcessorCount:
      *value = properties.multiProcessorCount;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMajor:
      *value = properties.major;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMinor:
      *value = properties.minor;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = static_cast<int>(properties.sharedMemPerBlockOptin);
      return cudaSuccess;
  }
  return remember(cudaErrorInvalidValue);
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) { return cudaRuntimeGetVersion(version); }

// ---- launches -----------------------------------------------------------------------------------------------------

namespace emulator {

std::string kernel_name(const char* type_name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(type_name, nullptr, nullptr, &status),
                                                         std::free);
  std::string name =
      status == 0 ? demangled.get() : type_name;  // emulator::KernelTag<&NAME>, with a cast around overloads
  const auto start = name.find('&');
  if (start == std::string::npos) return name;
  name = name.substr(start + 1, name.rfind('>') - start - 1);
  if (name.front() == '(' && name.back() == ')') name = name.substr(1, name.size() - 2);
  return name;
}

cudaError_t check_launch(const void* kernel, dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream) {
  if (stream && stream->device != current_device) return remember(cudaErrorInvalidResourceHandle);
  const auto limit = shared_limits().find(kernel);
  const std::size_t allowed =
      limit == shared_limits().end() ? default_shared_bytes : static_cast<std::size_t>(limit->second);
  const bool fits = grid.x > 0 && grid.y > 0 && grid.z > 0 && grid.x <= 2147483647U && grid.y <= 65535 &&
                    grid.z <= 65535 && block.x > 0 && block.y > 0 && block.z > 0 && block.z <= 64 && block.x <= 1024 &&
                    block.y <= 1024 && std::uint64_t{block.x} * block.y * block.z <= 1024 &&
                    shared_bytes <= std::max(allowed, default_shared_bytes);
  return fits ? cudaSuccess : remember(cudaErrorInvalidConfiguration);
}

void check_argument(const std::string& kernel, int position, const void* pointer) {
  if (pointer && !device_range_contains(pointer) && !pinned_contains(pointer, 1))
    fail("wrong side", "%s: argument %d is a host pointer", kernel.c_str(), position);
  if (const int device = device_of(pointer); device != -1 && device != current_device)
    fail("foreign device", "%s: argument %d is memory of device %d, the kernel is for device %d", kernel.c_str(),
         position, device, current_device);
}

void queue_kernel(std::string name, dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream,
                  void (*body)(const void*), std::shared_ptr<const void> arguments) {
  log_launch(name);
  Grid job{name,   {grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, shared_bytes, body, arguments.get(), nullptr,
           nullptr};
  enqueue(stream_of(stream), name, [job, arguments](Operation& operation) mutable {
    job.start_token = &operation.start_token;
    job.done_token = &operation.done_token;
    count_kernel();
    run_grid(job);
  });
}

cudaError_t queue_symbol_copy(void* symbol, const void* from, std::size_t bytes, cudaStream_t stream) {
  const std::uint64_t sum = checksum(from, bytes);
  enqueue(stream_of(stream), "cudaMemcpyToSymbolAsync", [=](Operation&) {
    if (checksum(from, bytes) != sum)
      fail("use before a copy has finished", "cudaMemcpyToSymbolAsync: the source changed while the copy was queued");
    count_upload(bytes);
    std::memcpy(symbol, from, bytes);
  });
  return cudaSuccess;
}

void shuffle_from_inactive_lane(const char* operation, unsigned source, unsigned mask) {
  fail("inactive lane", "%s reads lane %u, which is not in mask %08x", operation, source, mask);
}

cudaError_t set_function_attribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || static_cast<std::size_t>(value) > largest_shared_bytes) return remember(cudaErrorInvalidValue);
  shared_limits()[kernel] = value;
  return cudaSuccess;
}

cudaError_t get_function_attributes(cudaFuncAttributes* attributes, const void*) {
  *attributes = {};
  attributes->maxThreadsPerBlock = 1024;
  attributes->numRegs = 32;
  attributes->binaryVersion = attributes->ptxVersion = 90;
  attributes->maxDynamicSharedSizeBytes = static_cast<int>(default_shared_bytes);
  return cudaSuccess;
}

}  // namespace emulator
