#include "runtime/arena.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "runtime/huge_pages.hpp"
#include "runtime/round_up.hpp"

namespace pleura::runtime {
namespace {

bool overlap(const Lifetime& a, const Lifetime& b) { return a.first <= b.last && b.first <= a.last; }

}  // namespace

ArenaLayout lay_out(std::span<const Lifetime> buffers) {
  constexpr std::int64_t alignment = 64;
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  ArenaLayout layout{std::vector<std::int64_t>(buffers.size()), 0};
  std::vector<std::size_t> placed;  // by rising offset
  for (const std::size_t i : order) {
    std::int64_t offset = 0;
    for (const std::size_t other : placed) {
      if (!overlap(buffers[i], buffers[other])) continue;
      if (offset + buffers[i].bytes <= layout.offsets[other]) break;
      offset = std::max(offset, round_up(layout.offsets[other] + buffers[other].bytes, alignment));
    }
    layout.offsets[i] = offset;
    layout.bytes = std::max(layout.bytes, round_up(offset + buffers[i].bytes, alignment));
    const auto position =
        std::upper_bound(placed.begin(), placed.end(), offset,
                         [&](std::int64_t value, std::size_t other) { return value < layout.offsets[other]; });
    placed.insert(position, i);
  }
  return layout;
}

Arena::Arena(std::int64_t bytes) : bytes_(bytes) {
  constexpr auto huge_page = static_cast<std::int64_t>(huge_page_bytes);
  const std::int64_t alignment = bytes >= huge_page ? huge_page : 4096;
  const auto size = static_cast<std::size_t>(round_up(std::max<std::int64_t>(bytes, 1), alignment));
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(static_cast<std::size_t>(alignment), size)),
                [](std::byte* memory) { std::free(memory); });
  if (!memory_) throw OutOfMemory("out of memory: " + std::to_string(bytes) + " bytes are needed");
  prefer_huge_pages(memory_.get(), size);
}

}  // namespace pleura::runtime
