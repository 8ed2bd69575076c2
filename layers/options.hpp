#pragma once
/// What networks run on.
#include <cstdint>

#include "runtime/tensor.hpp"

namespace pleura::layers {

/// reference: the naive specification, slow, for checks. cuda: the current CUDA device.
enum class DeviceKind { cpu, reference, cuda };

struct Options {
  DeviceKind device = DeviceKind::cpu;
  runtime::DType activations = runtime::DType::f32;  ///< also of the weights; bf16 is cpu's and reference's, f16 cuda's
  int threads = 0;                                   ///< of the CPU; 0: one per core
  std::uint64_t memory_bytes = 0;  ///< bound on the arenas and packed weights of a network; 0: what the device has
};

}  // namespace pleura::layers
