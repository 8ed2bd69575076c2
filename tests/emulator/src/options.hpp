#pragma once
/// What a test may choose about how kernels and queued operations are run; read once from the environment.
#include <cstddef>
#include <cstdint>

#include "../include/cuda_runtime_api.h"

namespace emulator {

/// In which order the threads of a block, the blocks of a grid and the ready operations of a device run.
enum class Order { forward, reverse, random };

struct Options {
  Order order = Order::forward;  ///< EMULATOR_ORDER=forward|reverse|random
  std::uint32_t seed = 1;        ///< EMULATOR_SEED, of Order::random
  int os_threads = 0;            ///< EMULATOR_THREADS: blocks at once; 0: one per core, 1 under a sanitizer
  std::size_t device_memory = std::size_t{80} << 30;  ///< EMULATOR_MEMORY, bytes of each device
  int devices = 1;                                    ///< EMULATOR_DEVICES, how many there are
  int driver = CUDART_VERSION;  ///< EMULATOR_DRIVER, its version as CUDA numbers it, 11040 for 11.4; 0: there is none
};

[[nodiscard]] Options& options();

}  // namespace emulator
