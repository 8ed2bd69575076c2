#include "layers/packed_weights.hpp"

#include <cstring>
#include <optional>

#include "layers/fold.hpp"

namespace pleura::layers {
namespace {

/// Of a layer's weights, which kernels may read a vector at a time and a GPU in lines of 128 bytes.
std::int64_t aligned(std::int64_t bytes) { return (bytes + 255) / 256 * 256; }

}  // namespace

std::int64_t PackedWeights::bytes(const Needs& needs) {
  std::int64_t bytes = 0;
  for (const auto& [key, step] : needs) bytes += aligned(step->form().bytes);
  return bytes;
}

std::int64_t PackedWeights::missing_bytes(const Needs& needs) const {
  std::int64_t bytes = 0;
  for (const auto& [key, step] : needs)
    if (!packed_.contains(key)) bytes += aligned(step->form().bytes);
  return bytes;
}

void PackedWeights::require(const Network& network, const Needs& needs) {
  const std::int64_t bytes = missing_bytes(needs);
  if (bytes == 0) return;
  runtime::Arena block = device_.allocate(bytes);
  std::optional<runtime::Arena> staged;
  if (!device_.is_host()) staged.emplace(bytes);
  std::byte* const host = staged ? staged->data() : block.data();
  std::memset(host, 0, static_cast<std::size_t>(bytes));
  std::map<Key, const std::byte*> fresh;
  std::int64_t offset = 0;
  for (const auto& [key, step] : needs) {
    if (packed_.contains(key)) continue;
    step->pack(fold(network.layers[key.first], tensors_).view(), host + offset);
    fresh[key] = block.data() + offset;
    offset += aligned(step->form().bytes);
  }
  if (staged) device_.upload(block.data(), host, bytes);
  blocks_.push_back(std::move(block));
  packed_.merge(fresh);
}

std::int64_t PackedWeights::held_bytes() const {
  std::int64_t bytes = 0;
  for (const runtime::Arena& block : blocks_) bytes += block.bytes();
  return bytes;
}

}  // namespace pleura::layers
