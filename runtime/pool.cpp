#include "runtime/pool.hpp"

#include <algorithm>
#include <iterator>
#include <new>

#include "runtime/round_up.hpp"

namespace pleura::runtime {

std::shared_ptr<std::byte> Pool::take_bytes(std::int64_t bytes) {
  constexpr std::int64_t alignment = 256;
  const std::int64_t size = round_up(std::max<std::int64_t>(bytes, 1), alignment);
  Segment* from = nullptr;
  std::map<std::int64_t, std::int64_t>::iterator piece;  // the smallest that is large enough
  for (Segment& segment : segments_)
    for (auto one = segment.free.begin(); one != segment.free.end(); ++one)
      if (one->second >= size && (from == nullptr || one->second < piece->second)) {
        from = &segment;
        piece = one;
      }
  if (from == nullptr) {
    from = &add_segment(size);
    piece = from->free.begin();
  }
  const auto [offset, length] = *piece;
  from->free.erase(piece);
  if (length > size) from->free.emplace(offset + size, length - size);
  return {from->memory.data() + offset, [from, offset = offset, size](std::byte*) { give_back(*from, offset, size); }};
}

Pool::Segment& Pool::add_segment(std::int64_t bytes) {
  constexpr std::int64_t least_segment = 1 << 20;
  const auto add = [&](std::int64_t size) -> Segment& {
    Segment& segment = segments_.emplace_back(Segment{memory_.allocate(size), {}});
    segment.free.emplace(0, size);
    return segment;
  };
  const std::int64_t ample = std::max({bytes, least_segment, held_bytes() / 2});
  if (ample > bytes) try {
      return add(ample);
    } catch (const OutOfMemory&) {  // less will do
    }
  trim();
  return add(bytes);
}

void Pool::give_back(Segment& segment, std::int64_t offset, std::int64_t bytes) {
  const auto next = segment.free.find(offset + bytes);
  if (next != segment.free.end()) {
    bytes += next->second;
    segment.free.erase(next);
  }
  const auto after = segment.free.lower_bound(offset);
  if (after != segment.free.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == offset) {
      before->second += bytes;
      return;
    }
  }
  try {
    segment.free.emplace(offset, bytes);
  } catch (const std::bad_alloc&) {  // lost until the segment ends
  }
}

std::int64_t Pool::held_bytes() const {
  std::int64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.memory.bytes();
  return bytes;
}

std::int64_t Pool::free_bytes() const {
  std::int64_t bytes = 0;
  for (const Segment& segment : segments_)
    for (const auto& [offset, size] : segment.free) bytes += size;
  return bytes;
}

bool Pool::trim() {
  return std::erase_if(segments_, [](const Segment& segment) {
           const auto piece = segment.free.begin();
           return piece != segment.free.end() && piece->second == segment.memory.bytes();
         }) > 0;
}

}  // namespace pleura::runtime
