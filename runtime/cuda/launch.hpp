#pragma once
/// What every launcher of a kernel shares: ends with a check, cuts work into blocks along x.
#include <cstdint>

namespace pleura::runtime::cuda {

/// To be called after each `kernel<<<...>>>(...)`: throws Error(internal) naming the kernel where it could not be
/// launched. What goes wrong while it runs is thrown by the call that waits for it.
void check_launch(const char* kernel);

/// Blocks of `size` that cover `count` (> 0), along x, which alone goes past 65535. Throws Error(internal) naming the
/// kernel beyond 2^31 - 1 blocks.
[[nodiscard]] unsigned blocks_for(std::int64_t count, std::int64_t size, const char* kernel);

}  // namespace pleura::runtime::cuda
