#include "kernels/cuda/voxels/axis_taps.hpp"

#include <algorithm>
#include <tuple>

namespace pleura::kernels::cuda {

AxisTable::AxisTable(const std::vector<ResampleTaps>& taps, std::int64_t size) {
  view_.count = static_cast<std::int64_t>(taps.size());
  std::tie(view_.low, view_.high) = taps_span(taps, size);
  for (const ResampleTaps& sample : taps)
    view_.most = std::max(view_.most, static_cast<std::int64_t>(sample.weights.size()));
  std::vector<std::int32_t> begin, counts;
  std::vector<float> weights(static_cast<std::size_t>(view_.count * view_.most));
  for (std::size_t k = 0; k < taps.size(); ++k) {
    begin.push_back(static_cast<std::int32_t>(taps[k].weights.empty() ? view_.low : taps[k].begin));
    counts.push_back(static_cast<std::int32_t>(taps[k].weights.size()));
    std::ranges::copy(taps[k].weights, weights.begin() + static_cast<std::ptrdiff_t>(k) * view_.most);
  }
  const std::int64_t whole = view_.count * 4, of_weights = static_cast<std::int64_t>(weights.size()) * 4;
  memory_ = runtime::cuda::DeviceMemory(2 * whole + of_weights);
  runtime::cuda::upload(memory_.data(), begin.data(), whole);
  runtime::cuda::upload(memory_.data() + whole, counts.data(), whole);
  if (of_weights > 0) runtime::cuda::upload(memory_.data() + 2 * whole, weights.data(), of_weights);
  view_.begin = reinterpret_cast<const std::int32_t*>(memory_.data());
  view_.taps = view_.begin + view_.count;
  view_.weights = reinterpret_cast<const float*>(view_.taps + view_.count);
}

}  // namespace pleura::kernels::cuda
