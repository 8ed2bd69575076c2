#include "layers/packed_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "layers/fold.hpp"
#include "pleura/error.hpp"
#include "runtime/parallel.hpp"
#include "runtime/round_up.hpp"

namespace pleura::layers {
namespace {

/// Of a layer's weights, which kernels may read a vector at a time and a GPU in lines of 128 bytes.
std::int64_t aligned(std::int64_t bytes) { return runtime::round_up(bytes, 256); }

}  // namespace

std::int64_t PackedWeights::bytes(const Needs& needs) {
  std::int64_t bytes = 0;
  for (const auto& [key, step] : needs) bytes += aligned(key.second.bytes);
  return bytes;
}

std::int64_t PackedWeights::missing_bytes(const Needs& needs) const {
  std::int64_t bytes = 0;
  for (const auto& [key, step] : needs)
    if (!packed_.contains(key)) bytes += aligned(key.second.bytes);
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
  struct Piece {
    const Key& key;
    const kernels::WeightedStep& step;
    std::int64_t offset;
  };
  std::vector<Piece> pieces;
  std::int64_t end = 0;
  for (const auto& [key, step] : needs) {
    if (packed_.contains(key)) continue;
    pieces.push_back({key, *step, end});
    end += aligned(key.second.bytes);
  }
  parallel_for(static_cast<std::int64_t>(pieces.size()), device_.stream().threads, [&](std::int64_t i) {
    const ThreadScope alone(1);  // of oneDNN, which would share the work out once more
    const Piece& piece = pieces[static_cast<std::size_t>(i)];
    piece.step.pack(fold(network.layers[piece.key.first], tensors_).view(), host + piece.offset);
  });
  if (staged) device_.upload(block.data(), host, bytes);
  for (const Piece& piece : pieces) packed_[piece.key] = block.data() + piece.offset;
  blocks_.push_back(std::move(block));
}

void PackedWeights::require_fp16(const Network& network) const {
  constexpr float least_infinite = 65520;  // halfway from the largest of fp16, 65504, to what would come next
  std::vector<float> largest(network.layers.size(), 0);
  parallel_for(static_cast<std::int64_t>(largest.size()), device_.stream().threads, [&](std::int64_t i) {
    const auto index = static_cast<std::size_t>(i);
    const Layer& layer = network.layers[index];
    if (layer.kind == LayerKind::pooling) return;
    for (const float weight : fold(layer, tensors_).kernel) largest[index] = std::max(largest[index], std::abs(weight));
  });
  for (std::size_t i = 0; i < largest.size(); ++i)
    if (largest[i] >= least_infinite)
      throw Error(Status::weights_refused, "layer " + network.layers[i].name + ": found weights up to " +
                                               std::to_string(largest[i]) +
                                               " with its norm folded in, expected less than 65520 for fp16; fp32 "
                                               "has room for them");
}

std::int64_t PackedWeights::held_bytes() const {
  std::int64_t bytes = 0;
  for (const runtime::Arena& block : blocks_) bytes += block.bytes();
  return bytes;
}

}  // namespace pleura::layers
