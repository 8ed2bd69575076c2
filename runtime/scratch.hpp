#pragma once
/// Memory for a moment: taken piece by piece, given back all at once.
#include <cstdint>
#include <vector>

#include "runtime/arena.hpp"

namespace pleura::runtime {

/// Where blocks of memory come from.
class Memory {
 public:
  virtual ~Memory() = default;

  /// Throws OutOfMemory naming the bytes where there is not enough.
  [[nodiscard]] virtual Arena allocate(std::int64_t bytes) = 0;
};

/// Pieces lie one behind another in blocks that grow and are kept. Work queued on one stream may use a piece that was
/// given back, as long as the next to take it queues on the same stream.
class Scratch {
 public:
  explicit Scratch(Memory& memory) : memory_(memory) {}

  /// Gives back, when it ends, what was taken since it began. Frames end in the reverse order of their beginning.
  class Frame {
   public:
    explicit Frame(Scratch& scratch) : scratch_(scratch), block_(scratch.block_), used_(scratch.used_) {}
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() {
      scratch_.block_ = block_;
      scratch_.used_ = used_;
    }

   private:
    Scratch& scratch_;
    std::size_t block_;
    std::int64_t used_;
  };

  /// Uninitialised, aligned to 256 bytes on a GPU, to 64 in the host's memory. Throws as Memory::allocate.
  [[nodiscard]] std::byte* take(std::int64_t bytes);

  /// What the blocks take together.
  [[nodiscard]] std::int64_t held_bytes() const;

 private:
  Memory& memory_;
  std::vector<Arena> blocks_;
  std::size_t block_ = 0;  ///< the one that pieces are taken from
  std::int64_t used_ = 0;  ///< of it
};

}  // namespace pleura::runtime
