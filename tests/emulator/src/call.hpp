#pragma once
/// What every call of the runtime goes through: one thread at a time, noted, failing where a test or a lost device says
/// so, its error remembered.
#include <cstddef>
#include <string>

#include "../include/cuda_runtime_api.h"
#include "sanitizers.hpp"

namespace emulator {

/// The emulator's lock. ThreadSanitizer does not see it: threads that use different devices are not ordered by what the
/// emulator does for them.
class Lock {
 public:
  Lock();
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Unwatched bookkeeping_;
};

/// The device that the calling thread has chosen.
[[nodiscard]] int& current_device();

/// Keeps an error for cudaGetLastError, and gives it back. cudaErrorNotReady is none.
cudaError_t remember(cudaError_t error);
/// As cudaGetLastError (`keep` false) and cudaPeekAtLastError; a lost device's stays.
cudaError_t remembered(bool keep);

/// Notes a call. Gives the error that it is to end with, or cudaSuccess. What asks about the machine alone works on a
/// lost device, too.
[[nodiscard]] cudaError_t begin_call(const std::string& name, bool needs_device);
/// Forgets that the current device was lost.
void reset_device();

template <class Body>
cudaError_t call(const char* name, const Body& body) {
  const Lock lock;
  const cudaError_t refusal = begin_call(name, true);
  return remember(refusal != cudaSuccess ? refusal : body());
}

/// Of what frees, destroys or waits, which it does even where it fails: such an error is mostly one of earlier work.
template <class Body>
cudaError_t ending_call(const char* name, const Body& body) {
  const Lock lock;
  const cudaError_t refusal = begin_call(name, true), result = body();
  return remember(refusal != cudaSuccess ? refusal : result);
}

/// Of what asks about the machine or chooses a device.
template <class Body>
cudaError_t machine_call(const char* name, const Body& body) {
  const Lock lock;
  const cudaError_t refusal = begin_call(name, false);
  return remember(refusal != cudaSuccess ? refusal : body());
}

}  // namespace emulator
