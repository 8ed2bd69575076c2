#pragma once
/// Parts of a network along depth: which planes of each buffer a slab of the result needs, exactly.
#include <map>
#include <span>

#include "layers/networks/network.hpp"

namespace pleura::layers {

/// Planes [begin, end).
struct Planes {
  std::int64_t begin = 0, end = 0;

  [[nodiscard]] std::int64_t count() const { return end - begin; }
  bool operator==(const Planes&) const = default;
};

/// Planes of its input that a layer reads for these planes of its output; padding not counted.
[[nodiscard]] Planes input_planes(const Layer& layer, const Planes& output);

/// Zero planes that a layer sees before and after those: what of its kernel's reach lies outside the volume.
struct DepthPadding {
  std::int64_t low = 0, high = 0;
};
[[nodiscard]] DepthPadding depth_padding(const Layer& layer, const Planes& output);

/// The planes that each buffer written by the group must hold to yield these planes of its last layer's output. All
/// begin and end at even planes but the last layer's, since deconvolutions write pairs.
[[nodiscard]] std::map<std::size_t, Planes> slab_planes(const Network& network, std::span<const std::size_t> group,
                                                        const Planes& output);

}  // namespace pleura::layers
