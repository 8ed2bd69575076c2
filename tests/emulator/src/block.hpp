#pragma once
/// Runs the blocks of a grid: one fiber per CUDA thread, switched where CUDA threads can wait for each other.
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>

namespace emulator {

struct Dim {
  unsigned x = 1, y = 1, z = 1;
};

/// One kernel launch, ready to run.
struct Grid {
  std::string kernel;  ///< demangled name
  Dim grid, block;
  std::size_t dynamic_shared_bytes = 0;
  void (*body)(const void*) = nullptr;  ///< runs one CUDA thread
  const void* arguments = nullptr;
  void* start_token = nullptr;  ///< ThreadSanitizer's: released before, acquired by each thread
  void* done_token = nullptr;   ///< released by each thread, acquired by what waits for the kernel
};

/// Runs every block to its end. Ends the process where threads can never go on.
void run_grid(const Grid& grid);

// ---- called by running CUDA threads -------------------------------------------------------------------------------

/// __syncthreads, with where it stands: threads that meet at different lines are a divergent barrier.
void block_barrier(std::source_location where);
/// Like block_barrier, and gives the sum of the threads' values to each.
int block_barrier_sum(int value, std::source_location where);

inline constexpr std::size_t slot_bytes = 64;
/// What each lane brought to a meeting of its warp.
struct Slots {
  alignas(16) unsigned char lane[32][slot_bytes];
};
/// Waits until every lane of the mask has come to the same operation with its value (at most slot_bytes); the values
/// stay until the caller's next meeting under this mask.
const Slots& meet_warp(std::uint32_t mask, const char* operation, const void* value, std::size_t bytes);
/// The calling thread's lane.
[[nodiscard]] unsigned lane();
/// The calling thread's number in its block.
[[nodiscard]] unsigned thread_number();
/// Lanes of the warp that have not returned from the kernel.
[[nodiscard]] std::uint32_t active_lanes();

/// This block's dynamic shared memory: unwritten bytes read as 0xff.
[[nodiscard]] void* dynamic_shared();
/// This block's copy of a __shared__ variable, told from others by its tag; unwritten bytes read as 0xff.
[[nodiscard]] void* static_shared(const void* tag, std::size_t bytes, std::size_t alignment);
/// Whether an address lies in the running block's shared memory.
[[nodiscard]] bool is_shared(const void* address, std::size_t bytes);

/// A sentence saying which kernel, block and thread run now; empty outside a kernel.
[[nodiscard]] std::string describe_running_thread();

}  // namespace emulator
