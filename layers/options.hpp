#pragma once
/// How networks run.
#include <cstdint>
#include <memory>

#include "layers/tuning/tuner.hpp"
#include "pleura/engine_options.hpp"
#include "runtime/tensor.hpp"

namespace pleura::layers {

struct Options {
  runtime::DType activations = runtime::DType::f32;  ///< also of the weights; one that the device computes in
  std::uint64_t memory_bytes = 0;     ///< bound on the arenas and packed weights of a network; 0: what the device has
  Kernels kernels = Kernels::native;  ///< cudnn and any: where a device has them
  std::shared_ptr<Tuner> tuner = {};  ///< of the same device and kernels; nullptr: variants as the model thinks
};

}  // namespace pleura::layers
