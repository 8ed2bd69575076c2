#pragma once
/// From a network to a plan: picks a kernel variant for each layer, cuts the full-resolution stage into slabs, lays out
/// the arena.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "layers/networks/network.hpp"
#include "layers/packed_weights.hpp"
#include "layers/tuning/tuner.hpp"
#include "pleura/engine_options.hpp"
#include "runtime/plan.hpp"

namespace pleura::layers {

/// What a plan is made for.
struct Target {
  const kernels::OpenDevice& device;                 ///< outlives the plan
  runtime::DType activations = runtime::DType::f32;  ///< also of the weights; the network's output is always f32
  /// Bytes that its arena and all packed weights of the network may take together, those that are there included.
  std::function<std::int64_t()> allowed;
  /// Gives up another plan for more of them; false where there is none.
  std::function<bool()> give_up = [] { return false; };
  Kernels kernels = Kernels::native;
  Tuner* tuner = nullptr;  ///< chooses the variants in place of the model; for the device and the kernels
};

struct PlannedNetwork {
  Network network;
  runtime::Plan plan;
  std::vector<std::string> variants;  ///< of each layer
  std::int64_t slabs = 1;             ///< of the full-resolution stage
};

/// Packs the weights that are missing and points the plan at them, which are to outlive it. Where the plan does not fit
/// or memory cannot be had, other plans are given up, then slabs are made thinner. Whatever the bound, the plan's
/// results are bit for bit equal: the variant of each layer is chosen by its whole operation, and variants give a voxel
/// the same bits in any slab; with Kernels::cudnn there are none. Throws Error(resources) naming the bytes where not
/// even the thinnest slabs will do, and Error(weights_refused) where a tensor is missing.
[[nodiscard]] PlannedNetwork make_plan(Network network, PackedWeights& weights, const Target& target);

}  // namespace pleura::layers
