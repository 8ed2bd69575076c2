#pragma once
/// Memory that is taken and given back in any order, and kept for the next.
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "runtime/scratch.hpp"

namespace pleura::runtime {

/// Cuts blocks out of a few segments, which grow with what is held: another CT of another shape finds room in them.
/// Work queued on one stream may use a block that was given back, as long as the next to take it queues on the same
/// stream. Used by one thread at a time; blocks end before it does.
class Pool {
 public:
  explicit Pool(Memory& memory) : memory_(memory) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Uninitialised, aligned to 256 bytes; given back when the last copy ends. Throws as Memory::allocate.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> take(std::int64_t count) {
    std::shared_ptr<std::byte> block = take_bytes(count * static_cast<std::int64_t>(sizeof(T)));
    auto* const first = reinterpret_cast<T*>(block.get());
    return {std::move(block), first};
  }

  /// What the segments take together, and what of them nobody has.
  [[nodiscard]] std::int64_t held_bytes() const;
  [[nodiscard]] std::int64_t free_bytes() const;

  /// Frees the segments of which nobody has anything; false where there is none.
  bool trim();

 private:
  struct Segment {
    Arena memory;
    std::map<std::int64_t, std::int64_t> free;  ///< bytes of each free piece, by its offset; no two touch
  };

  [[nodiscard]] std::shared_ptr<std::byte> take_bytes(std::int64_t bytes);
  [[nodiscard]] Segment& add_segment(std::int64_t bytes);
  static void give_back(Segment& segment, std::int64_t offset, std::int64_t bytes);

  Memory& memory_;
  std::list<Segment> segments_;
};

}  // namespace pleura::runtime
