#pragma once
/// kernels/grow_apart.hpp on the device.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

/// How the seeds grow: a voxel in the slice each step, and along z too at the last step of a period.
struct Growth {
  std::int64_t period = 1;   ///< steps, >= 1
  std::int64_t periods = 1;  ///< at a call, above 0
};

[[nodiscard]] std::int64_t grow_apart_workspace_bytes(const std::array<std::int64_t, 3>& shape);

/// Lets `left` and `right` grow in `joined`; where they meet in one step, left has it. *changed becomes 0 where the
/// last step changed nothing: no further one would. Else call again, to go on. `workspace` is aligned to 8 bytes.
void grow_apart(std::uint64_t* left, std::uint64_t* right, const std::uint64_t* joined,
                const std::array<std::int64_t, 3>& shape, const Growth& growth, std::uint64_t* workspace, int* changed,
                cudaStream_t stream);

}  // namespace pleura::kernels::cuda
