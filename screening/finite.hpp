#pragma once
/// Weights that overflow must not become a silent answer.
#include "layers/inference.hpp"

namespace pleura::screening {

/// Throws Error(weights_refused), naming the network, where a value of its output is NaN or infinite.
void require_finite(const layers::HostTensor& output, const char* network);

}  // namespace pleura::screening
