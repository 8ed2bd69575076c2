#pragma once
/// One block of memory that serves all buffers of a plan: those that never live at the same time share its bytes.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "pleura/error.hpp"

namespace pleura::runtime {

/// Memory cannot be had; less might.
class OutOfMemory : public Error {
 public:
  explicit OutOfMemory(const std::string& message) : Error(Status::resources, message) {}
};

/// A buffer's size and the steps, by index, from its first writer to its last reader, both included.
struct Lifetime {
  std::int64_t bytes = 0;
  std::int64_t first = 0, last = 0;
};

struct ArenaLayout {
  std::vector<std::int64_t> offsets;  ///< of each buffer, multiples of 64
  std::int64_t bytes = 0;             ///< of the arena
};

/// Places the largest buffer first, each at the lowest offset that is free throughout its life.
[[nodiscard]] ArenaLayout lay_out(std::span<const Lifetime> buffers);

/// Uninitialised memory.
class Arena {
 public:
  /// Of the host, aligned to a page. Throws OutOfMemory naming the bytes where there is not enough.
  explicit Arena(std::int64_t bytes);
  /// Another device's, aligned to 256 bytes.
  Arena(std::shared_ptr<std::byte> memory, std::int64_t bytes) : memory_(std::move(memory)), bytes_(bytes) {}
  // One owner: a plan's.
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  [[nodiscard]] std::byte* data() const { return memory_.get(); }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<std::byte> memory_;
  std::int64_t bytes_ = 0;
};

}  // namespace pleura::runtime
