#include "runtime/scratch.hpp"

#include <algorithm>

#include "runtime/round_up.hpp"

namespace pleura::runtime {

std::byte* Scratch::take(std::int64_t bytes) {
  constexpr std::int64_t alignment = 256, least_block = 1 << 20;
  const bool empty = block_ == 0 && used_ == 0;
  const std::int64_t size = round_up(bytes, alignment);
  while (block_ < blocks_.size() && used_ + size > blocks_[block_].bytes()) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    used_ = 0;
    if (empty) blocks_.clear();  // too small, all of them
    block_ = blocks_.size();
    blocks_.push_back(memory_.allocate(std::max(size, least_block)));
  }
  std::byte* const piece = blocks_[block_].data() + used_;
  used_ += size;
  return piece;
}

std::int64_t Scratch::held_bytes() const {
  std::int64_t bytes = 0;
  for (const Arena& block : blocks_) bytes += block.bytes();
  return bytes;
}

}  // namespace pleura::runtime
