#pragma once
/// What a plan and its layers cost.
#include <cstdint>
#include <string>
#include <vector>

namespace pleura::layers {

/// What one layer cost in a profiled run.
struct LayerTime {
  std::string name, variant;  ///< of the kernel, e.g. "reference"
  double seconds = 0;
  std::int64_t macs = 0;   ///< of the layer, work repeated for slabs not counted
  std::int64_t bytes = 0;  ///< activations read and written, each once
};

/// Figures of a plan.
struct PlanFigures {
  std::int64_t macs = 0;              ///< multiply-accumulates of one pass
  std::uint64_t arena_bytes = 0;      ///< activations and workspace
  std::uint64_t weight_bytes = 0;     ///< packed weights
  std::int64_t slabs = 1;             ///< of the full-resolution stage
  std::vector<std::string> variants;  ///< the kernel of each layer, in their order: "onednn", ...
};

}  // namespace pleura::layers
