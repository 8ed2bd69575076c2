#include "kernels/grow_apart.hpp"

#include <algorithm>

#include "kernels/morphology.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels {

void grow_apart(BitVolume& left, BitVolume& right, const BitVolume& joined, std::int64_t period, int threads) {
  const Disc cross{{1, 0}};
  const std::int64_t depth = joined.shape[0], words = joined.slice_words();
  BitVolume new_left = left, new_right = right;
  // Slices that the last step changed, and those changed since the last step along z: nothing else can change.
  std::vector<std::uint8_t> changed(depth, 1), changed_since(depth, 1);
  for (std::int64_t step = 1;; ++step) {
    const bool along_z = step % period == 0;
    std::vector<std::uint8_t> changes(depth);
    parallel_for(depth, threads, [&](std::int64_t z) {
      const auto neighbour_changed = [&](std::int64_t other) {
        return along_z && other >= 0 && other < depth && changed_since[other] != 0;
      };
      if (changed[z] == 0 && !neighbour_changed(z - 1) && !neighbour_changed(z + 1)) return;
      const auto spread = [&](const BitVolume& from, BitVolume& to) {
        dilate_slice(from.slice(z), joined.shape[1], joined.shape[2], cross, to.slice(z));
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
    parallel_for(depth, threads, [&](std::int64_t z) {
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

}  // namespace pleura::kernels
