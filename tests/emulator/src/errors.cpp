// CUDA's errors by name.
#include <algorithm>
#include <iterator>

#include "../include/cuda_runtime_api.h"
#include "call.hpp"

namespace {

struct Named {
  cudaError_t error;
  const char *name, *text;
};

#define NAMED(error, text) \
  { error, #error, text }
constexpr Named names[] = {
    NAMED(cudaSuccess, "no error"),
    NAMED(cudaErrorInvalidValue, "invalid argument"),
    NAMED(cudaErrorMemoryAllocation, "out of memory"),
    NAMED(cudaErrorInitializationError, "initialization error"),
    NAMED(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    NAMED(cudaErrorInvalidDevicePointer, "invalid device pointer"),
    NAMED(cudaErrorInsufficientDriver, "CUDA driver version is insufficient for CUDA runtime version"),
    NAMED(cudaErrorDevicesUnavailable, "CUDA-capable device(s) is/are busy or unavailable"),
    NAMED(cudaErrorNoDevice, "no CUDA-capable device is detected"),
    NAMED(cudaErrorInvalidDevice, "invalid device ordinal"),
    NAMED(cudaErrorNoKernelImageForDevice, "no kernel image is available for execution on the device"),
    NAMED(cudaErrorECCUncorrectable, "uncorrectable ECC error encountered"),
    NAMED(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    NAMED(cudaErrorNotReady, "device not ready"),
    NAMED(cudaErrorIllegalAddress, "an illegal memory access was encountered"),
    NAMED(cudaErrorLaunchTimeout, "the launch timed out and was terminated"),
    NAMED(cudaErrorLaunchFailure, "unspecified launch failure"),
    NAMED(cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing"),
    NAMED(cudaErrorStreamCaptureInvalidated, "operation failed due to a previous error during capture"),
    NAMED(cudaErrorStreamCaptureWrongThread,
          "attempt to terminate a thread-local capture sequence from another thread"),
    NAMED(cudaErrorUnknown, "unknown error"),
};
#undef NAMED

const Named* find(cudaError_t error) {
  const auto* const found =
      std::find_if(std::begin(names), std::end(names), [&](const Named& named) { return named.error == error; });
  return found == std::end(names) ? nullptr : found;
}

}  // namespace

cudaError_t cudaGetLastError() { return emulator::remembered(false); }

cudaError_t cudaPeekAtLastError() { return emulator::remembered(true); }

const char* cudaGetErrorName(cudaError_t error) {
  const Named* const named = find(error);
  return named ? named->name : "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  const Named* const named = find(error);
  return named ? named->text : "unrecognized error code";
}
