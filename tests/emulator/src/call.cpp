#include "call.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "../include/cuda_emulator.h"
#include "options.hpp"
#include "queue.hpp"
#include "report.hpp"

namespace emulator {

namespace {

constinit std::mutex mutex;
thread_local bool locked = false;

thread_local cudaError_t last_error = cudaSuccess;
thread_local int device_of_thread = 0;

struct State {
  std::map<int, cudaError_t> lost;  // devices, and by which error
  bool watched = false;
  std::optional<Failure> failure;
  std::vector<std::string> calls;
};

// Lives through the whole process: static objects may free memory at its end.
State& state() {
  static auto* instance = new State;
  return *instance;
}

cudaError_t lost_by(int device) {
  const auto found = state().lost.find(device);
  return found == state().lost.end() ? cudaSuccess : found->second;
}

bool is_sticky(cudaError_t error) {
  switch (error) {
    case cudaErrorECCUncorrectable:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorLaunchFailure:
      return true;
    default:
      return false;
  }
}

cudaError_t planned_failure() {
  const std::size_t number = state().calls.size() - 1;
  if (!state().failure || number < state().failure->call) return cudaSuccess;
  if (number > state().failure->call && !state().failure->lasting) return cudaSuccess;
  return state().failure->error;
}

}  // namespace

Lock::Lock() {
  if (locked) fail("host function", "calls the CUDA runtime, which CUDA forbids");
  const Unordered unseen;
  mutex.lock();
  locked = true;
}

Lock::~Lock() {
  const Unordered unseen;
  locked = false;
  mutex.unlock();
}

int& current_device() { return device_of_thread; }

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess && error != cudaErrorNotReady) last_error = error;
  return error;
}

cudaError_t remembered(bool keep) {
  const Lock lock;
  if (const cudaError_t lost = lost_by(current_device())) return lost;
  return keep ? last_error : std::exchange(last_error, cudaSuccess);
}

cudaError_t begin_call(const std::string& name, bool needs_device) {
  if (state().watched) {
    state().calls.push_back(name);
    if (const cudaError_t error = planned_failure()) {
      if (!is_sticky(error)) return error;
      finish_device(current_device());
      state().lost[current_device()] = error;
      return error;
    }
  }
  if (options().driver / 1000 < CUDART_VERSION / 1000) return cudaErrorInsufficientDriver;
  if (options().devices == 0) return cudaErrorNoDevice;
  return needs_device ? lost_by(current_device()) : cudaSuccess;
}

void reset_device() {
  state().lost.erase(current_device());
  last_error = cudaSuccess;
}

Watch::Watch(std::optional<Failure> failure) {
  const Lock lock;
  if (state().watched) fail("watch", "there is another, expected one at a time");
  state().watched = true;
  state().failure = failure;
  state().calls.clear();
}

Watch::~Watch() {
  const Lock lock;
  state().watched = false;
  state().failure.reset();
}

std::vector<std::string> Watch::calls() const {
  const Lock lock;
  return state().calls;
}

}  // namespace emulator
