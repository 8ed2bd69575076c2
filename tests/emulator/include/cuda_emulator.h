#pragma once
/// What a test may ask of the emulator itself, beside CUDA's own calls. From any thread.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cuda_runtime_api.h"

namespace emulator {

/// Done for the host since the process began, on all devices. Copies and kernels count as they run, a graph's too: wait
/// for them before asking.
struct Counts {
  std::uint64_t allocations = 0;  ///< of device memory that were given
  std::uint64_t uploads = 0, uploaded_bytes = 0;
  std::uint64_t downloads = 0, downloaded_bytes = 0;
  std::uint64_t kernels = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
};

[[nodiscard]] Counts counts();
/// What was done between two moments.
[[nodiscard]] Counts operator-(const Counts& later, const Counts& earlier);

/// What was made and has not been freed or destroyed, on all devices.
struct Live {
  std::size_t allocations = 0, streams = 0, events = 0, graphs = 0;

  friend bool operator==(const Live&, const Live&) = default;
};

[[nodiscard]] Live live();

/// Which call of the runtime is to fail, by its number since the watch began, and how. It does nothing then, but what
/// frees, destroys or waits does so. After an error that CUDA calls sticky (cudaErrorLaunchFailure, say) all that the
/// device is asked for fails so, until cudaDeviceReset.
struct Failure {
  std::size_t call = 0;
  cudaError_t error = cudaErrorUnknown;
  bool lasting = false;  ///< all later calls fail, too
};

/// While it lives, notes the names of the calls that all threads make, in order ("cudaMalloc"; "launch of " and a
/// kernel), and lets one fail. There may be one at a time. What asks for the last error or for names is no call.
class Watch {
 public:
  explicit Watch(std::optional<Failure> failure = {});
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] std::vector<std::string> calls() const;
};

}  // namespace emulator
