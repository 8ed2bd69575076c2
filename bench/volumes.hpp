#pragma once
/// Benchmarks of what lies around the networks, on a GPU.
#include <string>

namespace pleura::bench {

/// Registers "volumes/..." for each operation of the instrument for volumes, and for the stages that are made of them,
/// on volumes of this CT as a screening makes them. Times are the device's, from the first kernel queued to the last
/// one ended, round trips to the host between them included. An output that is not the CPU's is an error.
void add_volumes(const std::string& ct);

}  // namespace pleura::bench
