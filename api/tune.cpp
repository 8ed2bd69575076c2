#include "pleura/tune.hpp"

#include <algorithm>
#include <vector>

#include "api/guard.hpp"
#include "api/printed.hpp"
#include "api/segmenter_shape.hpp"
#include "pleura/error.hpp"
#include "pleura/text.hpp"
#include "screening/pipeline.hpp"

namespace pleura {
namespace {

using layers::TunedLayer;

struct TunedNetwork {
  std::string name;
  std::vector<TunedLayer> layers;
};

/// Patches of the pass that a classifier is tuned in: as many as a CT has by default.
constexpr std::int64_t tuned_patches = layers::ClassifierNetwork::gpu_batch;

/// The segmenter's input on a CT.
Index3 shape_of(const Volume& volume, const weights::SegmenterSettings& settings, const kernels::OpenDevice& device,
                const EngineOptions& engine, const Progress& progress) {
  screening::StageTimer stages(screening::Pipeline::propose_stages, progress);
  screening::Pipeline pipeline(device, volume, engine, stages);
  return pipeline.propose(settings, nullptr).grid.geometry.shape;
}

const char* name_of(TunedLayer::Source source) {
  switch (source) {
    case TunedLayer::Source::cache:
      return "known";
    case TunedLayer::Source::measured:
      return "measured";
    case TunedLayer::Source::alone:
      return "no other";
    case TunedLayer::Source::model:
      break;
  }
  return "not measured";
}

/// "avx512 1.234, avx2 2.345", the fastest first.
std::string times_of(const TunedLayer& layer) {
  std::vector<std::pair<double, std::string>> times;
  for (const auto& [name, seconds] : layer.seconds) times.emplace_back(seconds, name);
  std::ranges::sort(times);
  std::string text;
  for (const auto& [seconds, name] : times)
    text += (text.empty() ? "" : ", ") + name + api::printed(" %.3f", 1e3 * seconds);
  return text;
}

std::string table_of(const std::vector<TunedNetwork>& networks, const layers::Tuner& tuner) {
  std::string text = "Device    " + tuner.cache().scope().device + "\nCache     " +
                     printable(tuner.cache().file().string()) + ": " + tuner.state() + "\n";
  int all = 0, changed = 0;
  for (const TunedNetwork& network : networks) {
    text += "\n" + network.name + "\n" +
            api::printed("  %-28s %-16s %-16s %-12s %s\n", "layer", "kernel", "untuned", "", "ms");
    for (const TunedLayer& layer : network.layers) {
      text += api::printed("  %-28s %-16s %-16s %-12s ", layer.layer.c_str(), layer.variant.c_str(),
                           layer.by_model.c_str(), name_of(layer.source)) +
              times_of(layer) + "\n";
      ++all;
      changed += layer.variant == layer.by_model ? 0 : 1;
    }
  }
  return text + api::printed(
                    "\n%d of %d layers on another kernel than untuned; %d measured now, layers that are alike once; "
                    "kernels left out that should take over %.0f times as long\n",
                    changed, all, tuner.measured(), layers::Tuner::most_times_the_cost);
}

std::string tune(const std::filesystem::path& file, const TuneOptions& options, const Progress& progress) {
  api::require_segmenter_shape(options.shape);
  EngineOptions engine = options.engine;
  engine.tune = true;
  const kernels::OpenDevice device = screening::open_device(engine);
  const std::shared_ptr<layers::Tuner> tuner = screening::open_tuner(engine, device);
  weights::Model model = weights::read_model(file, engine.threads);
  const layers::Options on = screening::network_options(engine, tuner);
  if (!model.segmenter && !options.ct.empty())
    throw Error(Status::weights_refused, file.string() + ": no /segmenter, expected one to tune for the shape of a CT");
  std::string at;  // of the networks
  tuner->listen([&](const std::string& layer, double done) {
    if (progress) progress(at + " " + layer, done);
  });
  std::vector<TunedNetwork> networks;
  if (model.segmenter) {
    Index3 shape = options.shape;
    if (!options.ct.empty())
      shape = shape_of(read_ct(options.ct, options.read), model.segmenter->settings, device, engine, progress);
    at = "segmenter";
    (void)layers::SegmenterNetwork(std::move(*model.segmenter), device, on).figures(shape);
    networks.push_back({at, tuner->take_layers()});
  }
  for (auto& [name, classifier] : model.classifiers) {
    at = "classifiers/" + name;
    (void)layers::ClassifierNetwork(std::move(classifier), device, on).figures(tuned_patches);
    networks.push_back({at, tuner->take_layers()});
  }
  return table_of(networks, *tuner);
}

}  // namespace

std::string tune_weights(const std::filesystem::path& weights, const TuneOptions& options, const Progress& progress) {
  return api::guarded([&] { return tune(weights, options, progress); });
}

}  // namespace pleura
