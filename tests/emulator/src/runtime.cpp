// The CUDA runtime's host calls for devices and launches.
#include <cxxabi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "../include/cuda_emulator.h"
#include "block.hpp"
#include "call.hpp"
#include "counts.hpp"
#include "device_memory.hpp"
#include "handles.hpp"
#include "launch_log.hpp"
#include "options.hpp"
#include "report.hpp"

using namespace emulator;

namespace {

constexpr std::size_t default_shared_bytes = 48 << 10, largest_shared_bytes = 227 << 10;

/// Of dynamic shared memory, by device and kernel.
std::map<std::pair<int, const void*>, std::size_t>& shared_limits() {
  static auto* instance = new std::map<std::pair<int, const void*>, std::size_t>;
  return *instance;
}

bool exists(int device) { return device >= 0 && device < options().devices; }

cudaDeviceProp properties_of_all() {
  cudaDeviceProp properties{};
  std::snprintf(properties.name, sizeof properties.name, "CUDA emulator");
  properties.totalGlobalMem = options().device_memory;
  properties.sharedMemPerBlock = default_shared_bytes;
  properties.sharedMemPerBlockOptin = largest_shared_bytes;
  properties.sharedMemPerMultiprocessor = 228 << 10;
  properties.major = 9;
  properties.minor = 0;
  properties.multiProcessorCount = 28;  // a GTX 1080 Ti's
  properties.warpSize = 32;
  properties.maxThreadsPerBlock = 1024;
  properties.regsPerBlock = properties.regsPerMultiprocessor = 65536;
  properties.maxThreadsPerMultiProcessor = 2048;
  properties.l2CacheSize = 1 << 20;
  properties.maxGridSize[0] = 2147483647;
  properties.maxGridSize[1] = properties.maxGridSize[2] = 65535;
  return properties;
}

int attribute_of(const cudaDeviceProp& properties, cudaDeviceAttr attribute) {
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      return properties.maxThreadsPerBlock;
    case cudaDevAttrClockRate:
    case cudaDevAttrMemoryClockRate:
      return 1000000;  // kHz, as if
    case cudaDevAttrMultiProcessorCount:
      return properties.multiProcessorCount;
    case cudaDevAttrComputeCapabilityMajor:
      return properties.major;
    case cudaDevAttrComputeCapabilityMinor:
      return properties.minor;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(properties.sharedMemPerBlockOptin);
  }
  fail("attribute", "%d is not known", static_cast<int>(attribute));
}

}  // namespace

cudaError_t cudaDeviceSynchronize() {
  return ending_call("cudaDeviceSynchronize", [&] {
    if (capture_forbids()) return cudaErrorStreamCaptureUnsupported;
    finish_device(current_device());
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceReset() {
  return machine_call("cudaDeviceReset", [&] {
    finish_device(current_device());
    const auto leaks = live_allocations(current_device());
    if (!leaks.empty())
      fail("leak", "%zu allocations were never freed, the first of %zu bytes", leaks.size(), leaks.front());
    reset_device();
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  return machine_call("cudaGetDeviceCount", [&] {
    *count = options().devices;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDevice(int* device) {
  return machine_call("cudaGetDevice", [&] {
    *device = current_device();
    return cudaSuccess;
  });
}

cudaError_t cudaSetDevice(int device) {
  return machine_call("cudaSetDevice", [&] {
    if (!exists(device)) return cudaErrorInvalidDevice;
    current_device() = device;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return machine_call("cudaGetDeviceProperties", [&] {
    if (!exists(device)) return cudaErrorInvalidDevice;
    *properties = properties_of_all();
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  return machine_call("cudaDeviceGetAttribute", [&] {
    if (!exists(device)) return cudaErrorInvalidDevice;
    *value = attribute_of(properties_of_all(), attribute);
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetPCIBusId(char* id, int size, int device) {
  return machine_call("cudaDeviceGetPCIBusId", [&] {
    if (!exists(device)) return cudaErrorInvalidDevice;
    if (size < 1) return cudaErrorInvalidValue;
    std::snprintf(id, static_cast<std::size_t>(size), "0000:%02x:00.0", static_cast<unsigned>(device));
    return cudaSuccess;
  });
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = options().driver;
  return cudaSuccess;
}

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

cudaError_t check_launch(const std::string& kernel, const void* function, dim3 grid, dim3 block,
                         std::size_t shared_bytes, cudaStream_t stream) {
  return call(("launch of " + kernel).c_str(), [&] {
    if (stream_of(kernel.c_str(), stream).device != current_device()) return cudaErrorInvalidResourceHandle;
    const auto limit = shared_limits().find({current_device(), function});
    const std::size_t allowed = limit == shared_limits().end() ? default_shared_bytes : limit->second;
    const bool fits = grid.x > 0 && grid.y > 0 && grid.z > 0 && grid.x <= 2147483647U && grid.y <= 65535 &&
                      grid.z <= 65535 && block.x > 0 && block.y > 0 && block.z > 0 && block.z <= 64 &&
                      block.x <= 1024 && block.y <= 1024 && std::uint64_t{block.x} * block.y * block.z <= 1024 &&
                      shared_bytes <= std::max(allowed, default_shared_bytes);
    return fits ? cudaSuccess : cudaErrorInvalidConfiguration;
  });
}

void check_argument(const std::string& kernel, int position, const void* pointer) {
  const Lock lock;
  if (pointer && !device_range_contains(pointer) && !pinned_contains(pointer, 1))
    fail("wrong side", "%s: argument %d is a host pointer", kernel.c_str(), position);
  if (const int device = device_of(pointer); device != -1 && device != current_device())
    fail("foreign device", "%s: argument %d is memory of device %d, the kernel is for device %d", kernel.c_str(),
         position, device, current_device());
}

void queue_kernel(std::string name, dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream,
                  void (*body)(const void*), std::shared_ptr<const void> arguments) {
  const Lock lock;
  log_launch(name);
  Grid job{name,   {grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, shared_bytes, body, arguments.get(), nullptr,
           nullptr};
  enqueue(stream_of(name.c_str(), stream), name, [job, arguments](Operation& operation) mutable {
    job.start_token = &operation.start_token;
    job.done_token = &operation.done_token;
    count_kernel();
    run_grid(job);
  });
}

void shuffle_from_inactive_lane(const char* operation, unsigned source, unsigned mask) {
  fail("inactive lane", "%s reads lane %u, which is not in mask %08x", operation, source, mask);
}

cudaError_t set_function_attribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  return call("cudaFuncSetAttribute", [&] {
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
    if (value < 0 || static_cast<std::size_t>(value) > largest_shared_bytes) return cudaErrorInvalidValue;
    shared_limits()[{current_device(), kernel}] = static_cast<std::size_t>(value);
    return cudaSuccess;
  });
}

cudaError_t get_function_attributes(cudaFuncAttributes* attributes, const void*) {
  return call("cudaFuncGetAttributes", [&] {
    *attributes = {};
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 32;
    attributes->binaryVersion = attributes->ptxVersion = 90;
    attributes->maxDynamicSharedSizeBytes = static_cast<int>(default_shared_bytes);
    return cudaSuccess;
  });
}

Live live() {
  const Lock lock;
  Live all{0, live_handles().streams, live_handles().events, live_handles().graphs};
  for (int device = 0; device < options().devices; ++device) all.allocations += live_allocations(device).size();
  return all;
}

}  // namespace emulator
