#pragma once
/// Of a head's proposals.
#include <cstdint>

namespace pleura::kernels {

/// Only this many of the best go through non-maximum suppression, whose cost grows with their square [D]; on a GPU they
/// are sorted in shared memory. Trained networks propose hundreds at most; the bound is for networks that propose
/// everywhere.
inline constexpr std::int64_t most_proposals = 4096;

}  // namespace pleura::kernels
