#include "api/profile/figures.hpp"

#include <algorithm>

#include "api/statistics.hpp"

namespace pleura::api {
namespace {

/// Several layers as one: their floors add up, for they run one after the other.
Row together(const std::string& name, const std::vector<const layers::LayerProfile*>& layers,
             const kernels::Peaks& peaks) {
  Row row;
  row.name = name;
  row.layers = static_cast<std::int64_t>(layers.size());
  std::vector<double> sums(layers.front()->seconds.size(), 0.0);
  double floor = 0;
  for (const layers::LayerProfile* layer : layers) {
    row.calls += layer->calls;
    row.flops += layer->flops;
    row.bytes += layer->bytes();
    floor += rates_of(static_cast<double>(layer->flops), static_cast<double>(layer->bytes()), 1, peaks).floor_seconds;
    for (std::size_t run = 0; run < sums.size(); ++run) sums[run] += layer->seconds[run];
  }
  row.times = times_of(sums);
  row.rates = rates_of(static_cast<double>(row.flops), static_cast<double>(row.bytes), row.times.median, peaks);
  row.rates.floor_seconds = floor;
  row.rates.share_of_roof = row.times.median > 0 ? floor / row.times.median : 0;
  row.rates.bound = row.rates.share_of_roof >= 0.5 ? row.rates.roof : Bound::neither;
  return row;
}

}  // namespace

Times times_of(std::vector<double> seconds) {
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  return {seconds.front(), percentile(seconds, 0.5), percentile(seconds, 0.95)};
}

const char* to_string(Bound bound) {
  return bound == Bound::compute ? "compute" : bound == Bound::memory ? "memory" : "neither";
}

Rates rates_of(double flops, double bytes, double seconds, const kernels::Peaks& peaks) {
  Rates rates;
  const double by_compute = peaks.flops > 0 ? flops / peaks.flops : 0;
  const double by_memory = peaks.bytes > 0 ? bytes / peaks.bytes : 0;
  rates.roof = by_compute > by_memory ? Bound::compute : Bound::memory;
  rates.floor_seconds = std::max(by_compute, by_memory);
  rates.intensity = bytes > 0 ? flops / bytes : 0;
  if (seconds <= 0) return rates;
  rates.flops = flops / seconds;
  rates.bytes = bytes / seconds;
  rates.share_of_roof = rates.floor_seconds / seconds;
  if (rates.share_of_roof >= 0.5) rates.bound = rates.roof;
  return rates;
}

NetworkFigures figures_of(const ProfiledNetwork& network) {
  const std::vector<layers::LayerProfile>& layers = network.profile.layers;
  NetworkFigures figures;
  std::vector<const layers::LayerProfile*> all;
  std::vector<std::pair<std::string, std::vector<const layers::LayerProfile*>>> stages;
  for (const layers::LayerProfile& layer : layers) {
    all.push_back(&layer);
    figures.layers.push_back(together(layer.name, {&layer}, network.peaks));
    const std::string stage = layer.name.substr(0, layer.name.find('.'));
    const auto known = std::find_if(stages.begin(), stages.end(), [&](const auto& one) { return one.first == stage; });
    (known == stages.end() ? stages.emplace_back(stage, decltype(all){}) : *known).second.push_back(&layer);
  }
  for (const auto& [name, parts] : stages) figures.stages.push_back(together(name, parts, network.peaks));
  figures.total = together("total", all, network.peaks);
  double sum = 0;
  for (const Row& row : figures.layers) sum += row.times.median;
  if (sum > 0)
    for (auto* const rows : {&figures.layers, &figures.stages})
      for (Row& row : *rows) row.share = row.times.median / sum;
  figures.total.share = 1;
  figures.plain = times_of(network.profile.plain_seconds);
  if (figures.plain.median > 0) figures.cost_of_profiling = figures.total.times.median / figures.plain.median - 1;
  return figures;
}

}  // namespace pleura::api
