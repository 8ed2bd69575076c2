#pragma once
/// What a benchmark can be made of.
#include <vector>

#include "pleura/bench.hpp"

namespace pleura::api {

/// Throws usage for numbers out of their ranges, and where there is no CT or no way to do what is asked with one.
void require_benchable(const std::vector<BenchCt>& cts, const BenchOptions& options);

}  // namespace pleura::api
