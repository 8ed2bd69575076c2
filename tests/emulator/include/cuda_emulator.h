#pragma once
/// What a test may ask the emulator itself, beside CUDA's own calls. From any thread.
#include <cstdint>

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

}  // namespace emulator
