#pragma once
/// Handles as calls get them.
#include "call.hpp"
#include "queue.hpp"

namespace emulator {

/// The stream a handle stands for; null is the current device's legacy default stream. Ends the process where it is no
/// stream.
inline Stream& stream_of(const char* call, cudaStream_t handle) {
  if (!handle) return default_stream(current_device());
  check_live(call, handle);
  return *handle;
}

}  // namespace emulator
