#pragma once
/// What a plan and its layers cost.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/tensor.hpp"

namespace pleura::layers {

/// What a layer is and what it cost in profiled runs. FLOPs (two a multiply-accumulate) and bytes are those of the
/// whole layer, each once: work repeated for slabs is not counted, nor is what a kernel pads.
struct LayerProfile {
  std::string name, kind, variant;  ///< kind as LayerRow has it; variant of the kernel, e.g. "reference"
  runtime::Shape input, output;
  std::int64_t calls = 0;  ///< steps of a pass: several where the layer runs in slabs
  std::int64_t flops = 0;
  std::int64_t weight_bytes = 0;  ///< kernel in the type of the activations; bias and slopes in fp32
  std::int64_t input_bytes = 0;   ///< with residuals
  std::int64_t output_bytes = 0;
  std::vector<double> seconds;  ///< of each run: its calls together

  [[nodiscard]] std::int64_t bytes() const { return weight_bytes + input_bytes + output_bytes; }
};

/// One profiled run of a plan.
struct TimedPass {
  std::chrono::steady_clock::time_point start;  ///< as the host had it
  std::vector<double> ends;                     ///< seconds from there to the end of each step
};

/// What a network on one input costs, layer by layer.
struct NetworkProfile {
  std::vector<LayerProfile> layers;
  std::vector<std::size_t> steps;  ///< the layer of each step of a pass, in their order
  std::vector<TimedPass> passes;
  std::vector<double>
      plain_seconds;         ///< of runs without marks between the steps, as many as passes, in turns with them
  double first_seconds = 0;  ///< of the first run of all
  std::int64_t slabs = 1;    ///< of the full-resolution stage
  std::int64_t arena_bytes = 0;
  std::int64_t workspace_bytes = 0;  ///< of the step that takes most; part of the arena
  std::int64_t weight_bytes = 0;     ///< packed
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
