#pragma once
/// Times the layers of a plan.
#include <functional>
#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "layers/figures.hpp"

namespace pleura::layers {

struct PlannedNetwork;

/// How a network is profiled.
struct ProfiledRuns {
  int count = 10;  ///< after those that warm up, >= 1
  /// Puts what the network is to see into a plan's inputs, before each run; without it noise in [-1, 1), from one seed.
  std::function<void(const std::vector<runtime::TensorView>& inputs)> fill;
  std::function<void(double share)> done;  ///< hears after each run; what it throws ends the work
};

/// Runs a plan without and with marks between its steps, in turns. Throws Error(weights_refused) naming the first layer
/// that gives values that are not finite: their arithmetic may take another time.
[[nodiscard]] NetworkProfile profile(PlannedNetwork& planned, const kernels::OpenDevice& device,
                                     const ProfiledRuns& runs);

/// The first layer that gives NaN or infinity on what lies in the plan's inputs; empty where all are finite.
[[nodiscard]] std::string first_bad_layer(PlannedNetwork& planned, const kernels::OpenDevice& device);

}  // namespace pleura::layers
