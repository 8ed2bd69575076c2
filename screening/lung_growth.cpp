#include <atomic>

#include "kernels/morphology.hpp"
#include "runtime/parallel.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {

void grow_apart(kernels::BitVolume& left, kernels::BitVolume& right, const kernels::BitVolume& joined,
                const LungGrid& grid) {
  using kernels::BitVolume;
  const kernels::Disc cross{{1, 0}};
  const std::int64_t depth = grid.shape[0], words = joined.slice_words();
  // A step along z is worth so many steps in the slice.
  const std::int64_t every =
      std::max<std::int64_t>(1, grid.spacing_um[0] / std::max(grid.spacing_um[1], grid.spacing_um[2]));
  BitVolume new_left = left, new_right = right;
  for (std::int64_t step = 1;; ++step) {
    std::atomic<bool> grown = false;
    const bool along_z = step % every == 0;
    parallel_for(depth, grid.threads, [&](std::int64_t z) {
      const auto spread = [&](const BitVolume& from, BitVolume& to) {
        kernels::dilate_slice(from.slice(z), grid.shape[1], grid.shape[2], cross, to.slice(z));
        for (const std::int64_t other : {z - 1, z + 1})
          if (along_z && other >= 0 && other < depth)
            for (std::int64_t i = 0; i < words; ++i) to.slice(z)[i] |= from.slice(other)[i];
      };
      spread(left, new_left);
      spread(right, new_right);
      bool changed = false;
      for (std::int64_t i = 0; i < words; ++i) {
        const std::uint64_t old_left = left.slice(z)[i], old_right = right.slice(z)[i],
                            open = joined.slice(z)[i] & ~(old_left | old_right);
        std::uint64_t &to_left = new_left.slice(z)[i], &to_right = new_right.slice(z)[i];
        to_left = old_left | (to_left & open);
        to_right = old_right | (to_right & open & ~to_left);
        changed |= to_left != old_left || to_right != old_right;
      }
      if (changed) grown = true;
    });
    std::swap(left, new_left);
    std::swap(right, new_right);
    // The last steps must have tried the way along z too.
    if (!grown && along_z) break;
  }
}

}  // namespace pleura::screening
