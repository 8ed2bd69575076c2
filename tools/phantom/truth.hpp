#pragma once
/// truth.json: what a phantom holds.
#include <filesystem>
#include <string>

#include "phantom/phantom.hpp"

namespace pleura::phantom {

/// The ground truth as JSON text: schema_version, seed, case, geometry, lungs (litres), boxes.
[[nodiscard]] std::string truth_json(const Phantom& phantom, std::uint64_t seed);

}  // namespace pleura::phantom
