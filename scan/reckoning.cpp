#include "scan/reckoning.hpp"

#include "runtime/memory.hpp"

namespace pleura::scan {

std::string voxels_text(const Index3& shape) {
  return std::to_string(shape[2]) + " x " + std::to_string(shape[1]) + " x " + std::to_string(shape[0]) + " voxels";
}

void require_few_voxels(const Index3& shape, const std::string& name) {
  if (shape[0] * shape[1] * shape[2] > most_voxels)
    throw Error(Status::input_refused, name + ": " + voxels_text(shape) + ", expected at most 2^30 together");
}

void require_volume_memory(const Index3& shape, std::int64_t beside, const ReadOptions& options,
                           const std::string& name) {
  constexpr std::int64_t voxel_bytes = sizeof(std::int16_t);
  require_memory(static_cast<std::uint64_t>(shape[0] * shape[1] * shape[2] * voxel_bytes + beside),
                 options.memory_bytes, name, "read " + voxels_text(shape));
}

}  // namespace pleura::scan
