#include "files/sha256.hpp"

#include <algorithm>
#include <vector>

namespace pleura::files {
namespace {

/// By the fastest arithmetic that this processor has.
void take_blocks(sha256::State& state, const std::uint8_t* bytes, std::size_t count) {
  static const sha256::Blocks instructed = sha256::instructed_blocks();
  (instructed != nullptr ? instructed : sha256::portable_blocks)(state, bytes, count);
}

}  // namespace

void Sha256::update(std::span<const std::uint8_t> bytes) {
  total_bytes_ += bytes.size();
  if (pending_bytes_ > 0) {
    const std::size_t take = std::min(bytes.size(), pending_.size() - pending_bytes_);
    std::copy_n(bytes.begin(), take, pending_.begin() + static_cast<std::ptrdiff_t>(pending_bytes_));
    pending_bytes_ += take;
    bytes = bytes.subspan(take);
    if (pending_bytes_ < pending_.size()) return;
    take_blocks(state_, pending_.data(), 1);
    pending_bytes_ = 0;
  }
  const std::size_t blocks = bytes.size() / pending_.size();
  take_blocks(state_, bytes.data(), blocks);
  bytes = bytes.subspan(blocks * pending_.size());
  std::copy(bytes.begin(), bytes.end(), pending_.begin());
  pending_bytes_ = bytes.size();
}

std::string Sha256::hex() {
  const std::uint64_t bits = total_bytes_ * 8;
  std::vector<std::uint8_t> tail((pending_bytes_ < 56 ? 64 : 128) - pending_bytes_);
  tail.front() = 0x80;
  for (std::size_t i = 0; i < 8; ++i) tail[tail.size() - 1 - i] = static_cast<std::uint8_t>(bits >> 8 * i);
  update(tail);
  std::string text;
  for (const std::uint32_t word : state_)
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15U];
  return text;
}

}  // namespace pleura::files
