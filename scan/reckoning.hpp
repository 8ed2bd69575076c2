#pragma once
/// What a volume takes, reckoned from headers before anything is taken.
#include <cstdint>
#include <string>

#include "pleura/scan.hpp"

namespace pleura::scan {

/// No chest CT has more: 1024 slices of 1024 x 1024.
inline constexpr std::int64_t most_voxels = std::int64_t{1} << 30;

/// "512 x 512 x 70 voxels": columns, rows, slices.
[[nodiscard]] std::string voxels_text(const Index3& shape);

/// Throws input_refused, the message starting with `name`, where there are more than most_voxels.
void require_few_voxels(const Index3& shape, const std::string& name);

/// Throws resources, the message starting with `name`, unless what ReadOptions::memory_bytes leaves holds a volume in
/// HU and `beside` bytes more.
void require_volume_memory(const Index3& shape, std::int64_t beside, const ReadOptions& options,
                           const std::string& name);

}  // namespace pleura::scan
