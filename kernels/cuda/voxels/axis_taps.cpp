#include "kernels/cuda/voxels/axis_taps.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

namespace pleura::kernels::cuda {

AxisTaps upload_taps(runtime::Device& device, const std::vector<ResampleTaps>& taps, std::int64_t size) {
  AxisTaps axis;
  axis.count = static_cast<std::int64_t>(taps.size());
  std::tie(axis.low, axis.high) = taps_span(taps, size);
  for (const ResampleTaps& sample : taps)
    axis.most = std::max(axis.most, static_cast<std::int64_t>(sample.weights.size()));
  std::vector<std::int32_t> words(static_cast<std::size_t>(axis.count * (2 + axis.most)));  // begin, taps, weights
  for (std::int64_t k = 0; k < axis.count; ++k) {
    const auto& [begin, weights] = taps[k];
    words[k] = static_cast<std::int32_t>(weights.empty() ? axis.low : begin);
    words[axis.count + k] = static_cast<std::int32_t>(weights.size());
    std::ranges::transform(weights, words.begin() + 2 * axis.count + k * axis.most,
                           [](float weight) { return std::bit_cast<std::int32_t>(weight); });
  }
  const auto bytes = static_cast<std::int64_t>(words.size() * sizeof(std::int32_t));
  std::byte* const memory = device.scratch().take(bytes);
  device.upload(memory, words.data(), bytes);
  axis.begin = reinterpret_cast<const std::int32_t*>(memory);
  axis.taps = axis.begin + axis.count;
  axis.weights = reinterpret_cast<const float*>(axis.taps + axis.count);
  return axis;
}

}  // namespace pleura::kernels::cuda
