#pragma once
/// From a network to a plan: picks a kernel variant for each layer, cuts the full-resolution stage into slabs, lays out
/// the arena.
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "layers/networks/network.hpp"
#include "runtime/plan.hpp"
#include "weights/model.hpp"

namespace pleura::layers {

/// What a plan is made for.
struct Target {
  const kernels::Backend& backend;
  runtime::Device& device;                           ///< of the backend; outlives the plan
  runtime::DType activations = runtime::DType::f32;  ///< also of the weights; the network's output is always f32
  std::uint64_t memory_bytes = 0;                    ///< bound on arena and packed weights; 0: what the device has
};

struct PlannedNetwork {
  Network network;
  runtime::Plan plan;
  std::vector<std::string> variants;  ///< of each layer
  std::int64_t slabs = 1;             ///< of the full-resolution stage
};

/// Whatever the bound, the plan's results are bit for bit equal: the variant of each layer is chosen by its whole
/// operation, and variants give a voxel the same bits in any slab. Throws Error(resources) naming the bytes where no
/// plan fits the bound, and Error(weights_refused) where a tensor is missing.
[[nodiscard]] PlannedNetwork make_plan(Network network, const weights::TensorMap& tensors, const Target& target);

}  // namespace pleura::layers
