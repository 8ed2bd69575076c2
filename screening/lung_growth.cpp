#include <algorithm>

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
  // Slices that the last step changed, and those changed since the last step along z: nothing else can change.
  std::vector<std::uint8_t> changed(depth, 1), changed_since(depth, 1);
  for (std::int64_t step = 1;; ++step) {
    const bool along_z = step % every == 0;
    std::vector<std::uint8_t> changes(depth);
    parallel_for(depth, grid.threads, [&](std::int64_t z) {
      const auto neighbour_changed = [&](std::int64_t other) {
        return along_z && other >= 0 && other < depth && changed_since[other] != 0;
      };
      if (changed[z] == 0 && !neighbour_changed(z - 1) && !neighbour_changed(z + 1)) return;
      const auto spread = [&](const BitVolume& from, BitVolume& to) {
        kernels::dilate_slice(from.slice(z), grid.shape[1], grid.shape[2], cross, to.slice(z));
        for (const std::int64_t other : {z - 1, z + 1})
          if (along_z && other >= 0 && other < depth)
            for (std::int64_t i = 0; i < words; ++i) to.slice(z)[i] |= from.slice(other)[i];
      };
      spread(left, new_left);
      spread(right, new_right);
      for (std::int64_t i = 0; i < words; ++i) {
        const std::uint64_t old_left = left.slice(z)[i], old_right = right.slice(z)[i];
        const std::uint64_t open = joined.slice(z)[i] & ~(old_left | old_right);
        std::uint64_t &to_left = new_left.slice(z)[i], &to_right = new_right.slice(z)[i];
        to_left = old_left | (to_left & open);
        to_right = old_right | (to_right & open & ~to_left);
        if (to_left != old_left || to_right != old_right) changes[z] = 1;
      }
    });
    parallel_for(depth, grid.threads, [&](std::int64_t z) {
      if (changes[z] == 0) return;
      std::copy_n(new_left.slice(z), words, left.slice(z));
      std::copy_n(new_right.slice(z), words, right.slice(z));
    });
    const bool none = std::all_of(changes.begin(), changes.end(), [](std::uint8_t change) { return change == 0; });
    if (along_z) std::fill(changed_since.begin(), changed_since.end(), 0);
    for (std::int64_t z = 0; z < depth; ++z) changed_since[z] = changed_since[z] != 0 || changes[z] != 0;
    changed = std::move(changes);
    const bool settled = std::all_of(changed_since.begin(), changed_since.end(), [](std::uint8_t c) { return c == 0; });
    if (none && settled) break;
  }
}

}  // namespace pleura::screening
