#include "kernels/packing.hpp"

#include <cstring>

#include "runtime/round_up.hpp"

namespace pleura::kernels {
namespace {

constexpr std::int64_t alignment = 64;

void copy(std::span<const float> values, std::byte* to) { std::memcpy(to, values.data(), values.size_bytes()); }

}  // namespace

PackedParts::PackedParts(std::int64_t kernel_bytes, std::int64_t channels, const Epilogue& epilogue)
    : bias_(runtime::round_up(kernel_bytes, alignment)), bytes_(bias_) {
  const std::int64_t vector = runtime::round_up(channels * static_cast<std::int64_t>(sizeof(float)), alignment);
  bytes_ += vector;
  for (std::size_t i = 0; i < slopes_.size(); ++i) {
    if (epilogue.stages[i].activation != Activation::prelu) continue;
    slopes_[i] = bytes_;
    bytes_ += vector;
  }
}

void PackedParts::pack_epilogue(const ConvolutionWeights& weights, std::byte* to) const {
  copy(weights.bias, to + bias_);
  for (std::size_t i = 0; i < slopes_.size(); ++i)
    if (slopes_[i] != 0) copy(weights.slopes[i], to + slopes_[i]);
}

EpilogueWeights PackedParts::epilogue(const void* packed) const {
  const auto at = [&](std::int64_t offset) {
    return reinterpret_cast<const float*>(static_cast<const std::byte*>(packed) + offset);
  };
  EpilogueWeights weights{at(bias_), {}};
  for (std::size_t i = 0; i < slopes_.size(); ++i)
    if (slopes_[i] != 0) weights.slopes[i] = at(slopes_[i]);
  return weights;
}

}  // namespace pleura::kernels
