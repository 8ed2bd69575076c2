#include "api/profile/measure.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

#include "kernels/instrument.hpp"
#include "kernels/transfer.hpp"
#include "pleura/error.hpp"
#include "pleura/text.hpp"
#include "runtime/clock.hpp"
#include "runtime/memory.hpp"
#include "runtime/parallel.hpp"
#include "screening/pipeline.hpp"

namespace pleura::api {
namespace {

using Clock = std::chrono::steady_clock;

/// Patches of the pass that is timed without a CT: as many as a CT has by default.
constexpr std::int64_t patches_without_ct = layers::ClassifierNetwork::gpu_batch;

class Measurement {
 public:
  Measurement(const std::filesystem::path& weights, const ProfileOptions& options, const Progress& progress)
      : weights_(weights), options_(options), progress_(progress) {
    measured_.begin = Clock::now();
    measured_.weights = weights.string();
    measured_.ct = options.ct.string();
    measured_.runs = options.runs;
    measured_.threads = resolve_threads(options.engine.threads);
  }

  Measured without_ct() {
    const kernels::OpenDevice device = screening::open_device(options_.engine);
    weights::Model model = timed("weights", [&] { return weights::read_model(weights_, options_.engine.threads); });
    name(device, model);
    const layers::Options on =
        screening::network_options(options_.engine, screening::open_tuner(options_.engine, device));
    const std::vector<std::string> classifiers = chosen(model);
    if (model.segmenter) {
      layers::SegmenterNetwork network =
          naming("segmenter", [&] { return layers::SegmenterNetwork(std::move(*model.segmenter), device, on); });
      const auto& [d, h, w] = options_.shape;
      add("segmenter", device, on.activations, {1, d, h, w, 1},
          [&](const layers::ProfiledRuns& runs) { return network.profile(options_.shape, runs); });
    }
    for (const std::string& one : classifiers) {
      layers::ClassifierNetwork network(std::move(model.classifiers.at(one)), device, on);
      add("classifiers/" + one, device, runtime::DType::f32, {},
          [&](const layers::ProfiledRuns& runs) { return network.profile(patches_without_ct, runs); });
    }
    return std::move(measured_);
  }

  Measured with_ct() {
    EngineOptions engine = options_.engine;
    std::vector<Classifier> classifiers{Classifier::m1, Classifier::m2};
    if (options_.classifier) {
      classifiers = {*options_.classifier};
    } else {
      const weights::Model held = weights::read_model(weights_, engine.threads);
      std::erase_if(classifiers, [&](Classifier one) { return !held.classifiers.contains(screening::name_of(one)); });
    }
    screening::Networks networks =
        timed("weights", [&] { return screening::load_networks(weights_, engine, classifiers); });
    name(networks.device, networks.model);
    const Volume volume = timed("read", [&] { return read_ct(options_.ct, options_.read); });
    add_stage("read", measured_.spans.back().seconds);

    const weights::SegmenterSettings& settings = networks.model.segmenter->settings;
    using screening::Pipeline;
    const int parts = Pipeline::propose_stages +
                      (Pipeline::cut_stages + Pipeline::classify_stages) * static_cast<int>(classifiers.size());
    for (int run = 0; run <= options_.runs; ++run) {
      const Clock::time_point start = Clock::now();
      measured_.spans.push_back({run == 0 ? "first run" : "run " + std::to_string(run), "run", start, 0});
      const std::size_t whole = measured_.spans.size() - 1;
      screening::StageTimer stages(parts, listen());
      Pipeline pipeline(networks.device, volume, engine, stages);
      const screening::Proposals found = pipeline.propose(settings, &networks);
      std::vector<std::pair<std::string, screening::Patches>> of_classifiers;
      for (const auto& [one, network] : networks.classifiers) {
        const weights::Classifier& classifier = networks.model.classifiers.at(one);
        screening::Patches patches =
            pipeline.cut(found.lungs, found.candidates.kept, classifier.settings.field_mm, classifier.hyper.pixels);
        (void)pipeline.classify(found.candidates.kept, patches, networks, one);
        of_classifiers.emplace_back(one, std::move(patches));
      }
      measured_.spans[whole].seconds = seconds_since(start);
      take(stages.times(), whole + 1, networks, run);
      if (run == options_.runs) profile_seen(networks, pipeline, found, of_classifiers, settings);
    }
    return std::move(measured_);
  }

 private:
  template <class Work>
  std::invoke_result_t<const Work&> timed(const std::string& what, const Work& work) {
    hear(what, 0);
    const Clock::time_point start = Clock::now();
    auto result = work();
    measured_.spans.push_back({what, "work", start, seconds_since(start)});
    return result;
  }

  /// Work on a network: what is wrong with its weights names it and the file.
  template <class Work>
  std::invoke_result_t<const Work&> naming(const std::string& what, const Work& work) {
    try {
      return work();
    } catch (const Error& error) {
      if (error.status() != Status::weights_refused) throw;
      throw Error(Status::weights_refused, weights_.string() + ": /" + what + ": " + error.what());
    }
  }

  void hear(const std::string& what, double done) const {
    if (progress_) progress_(what, done);
  }

  void name(const kernels::OpenDevice& device, const weights::Model& model) {
    measured_.weights_sha256 = model.sha256;
    measured_.weights_name = model.name;
    measured_.device = device.device->name();
    measured_.model = printable(device.device->properties().model);
    measured_.note = device.why;
    if (const std::string& bus = device.device->properties().pci_bus; !bus.empty()) {
      sensors_.emplace(bus, kernels::vendor::Surroundings::here());
      measured_.sensors = sensors_->why();
    }
  }

  /// Names of the classifiers to profile.
  [[nodiscard]] std::vector<std::string> chosen(const weights::Model& model) const {
    std::vector<std::string> names;
    for (const auto& [one, classifier] : model.classifiers)
      if (!options_.classifier || one == screening::name_of(*options_.classifier)) names.push_back(one);
    if (options_.classifier && names.empty())
      throw Error(Status::weights_refused, weights_.string() + ": no /classifiers/" +
                                               screening::name_of(*options_.classifier) + ", expected it");
    return names;
  }

  /// Times a network by what runs it, and the device's peaks once for each type.
  void add(const std::string& what, const kernels::OpenDevice& device, runtime::DType type, const runtime::Shape& input,
           const std::function<layers::NetworkProfile(const layers::ProfiledRuns&)>& profile,
           decltype(layers::ProfiledRuns::fill) fill = {}) {
    auto known = peaks_.find(type);
    if (known == peaks_.end()) {
      constexpr std::uint64_t share = 16;  // of a bound
      const std::uint64_t bound = options_.engine.memory_bytes;
      const auto bytes = bound == 0 ? kernels::kBytesForPeaks
                                    : static_cast<std::int64_t>(std::min<std::uint64_t>(
                                          bound / share, static_cast<std::uint64_t>(kernels::kBytesForPeaks)));
      known =
          peaks_.emplace(type, timed("peaks", [&] { return device.backend.peaks(*device.device, type, bytes); })).first;
    }
    ProfiledNetwork network{what, runtime::precision_name(type), input, known->second, {}, {}};
    const auto heard = [&](double share) {
      if (sensors_) sensors_->read();
      hear(what, share);
    };
    network.profile = naming(what, [&] {
      return timed(what, [&] { return profile({options_.runs, std::move(fill), heard}); });
    });
    if (sensors_) network.gpu = sensors_->take();
    if (network.input == runtime::Shape{}) network.input = network.profile.layers.front().input;
    measured_.networks.push_back(std::move(network));
  }

  /// Notes when each stage of a run begins.
  [[nodiscard]] Progress listen() {
    return [this](std::string_view stage, double done) {
      if (measured_.spans.back().name != stage)
        measured_.spans.push_back({std::string(stage), "stage", Clock::now(), 0});
      hear(std::string(stage), done);
    };
  }

  void add_stage(const std::string& what, double seconds) { measured_.stages.push_back({what, seconds, {seconds}}); }

  /// The stages of a run, whose spans begin at `first`. Those of a classifier carry its name.
  void take(const std::vector<StageTime>& times, std::size_t first, const screening::Networks& networks, int run) {
    auto classifier = networks.classifiers.begin();
    for (std::size_t i = 0; i < times.size(); ++i) {
      std::string label = times[i].name;
      if (static_cast<int>(i) >= screening::Pipeline::propose_stages) label.append(" ").append(classifier->first);
      if (times[i].name == "decision") ++classifier;
      measured_.spans[first + i].name = label;
      measured_.spans[first + i].seconds = times[i].seconds;
      if (run == 0)
        measured_.stages.push_back({label, times[i].seconds, {}});
      else
        measured_.stages[1 + i].seconds.push_back(times[i].seconds);  // behind "read"
    }
  }

  /// The layers, on what the networks saw of the CT. A classifier that saw nothing gets noise.
  void profile_seen(screening::Networks& networks, screening::Pipeline& pipeline, const screening::Proposals& found,
                    const std::vector<std::pair<std::string, screening::Patches>>& of_classifiers,
                    const weights::SegmenterSettings& settings) {
    kernels::Instrument& on = pipeline.instrument();
    const Index3& shape = found.grid.geometry.shape;
    add(
        "segmenter", networks.device, screening::network_options(options_.engine).activations,
        {1, shape[0], shape[1], shape[2], 1},
        [&](const layers::ProfiledRuns& runs) { return networks.segmenter.profile(shape, runs); },
        [&](const std::vector<runtime::TensorView>& inputs) {
          on.window(found.grid.hu, settings.hu_window, inputs[0]);
        });
    for (const auto& [one, patches] : of_classifiers) {
      const weights::ClassifierSettings& how = networks.model.classifiers.at(one).settings;
      const auto images = static_cast<std::int64_t>(patches.regions.size()) * screening::kImages;
      decltype(layers::ProfiledRuns::fill) fill;
      if (images > 0)
        fill = [&, seen = &patches](const std::vector<runtime::TensorView>& inputs) {
          on.window(seen->hu, 0, screening::image_channels(how), inputs[0]);
          if (inputs.size() < 2) return;
          std::vector<float> distances = screening::network_distances(seen->regions, how);
          distances.resize(static_cast<std::size_t>(inputs[1].desc.shape.elements()));
          kernels::copy_in(networks.device, distances.data(), inputs[1]);
        };
      add(
          "classifiers/" + one, networks.device, runtime::DType::f32, {},
          [&, name = one](const layers::ProfiledRuns& runs) {
            return networks.classifiers.at(name).profile(images > 0 ? images : patches_without_ct, runs);
          },
          std::move(fill));
    }
  }

  const std::filesystem::path& weights_;
  const ProfileOptions& options_;
  const Progress& progress_;
  Measured measured_;
  std::map<runtime::DType, kernels::Peaks> peaks_;
  std::optional<kernels::vendor::GpuSensors> sensors_;  ///< of a GPU
};

}  // namespace

Measured measure(const std::filesystem::path& weights, const ProfileOptions& options, const Progress& progress) {
  Measurement measurement(weights, options, progress);
  return options.ct.empty() ? measurement.without_ct() : measurement.with_ct();
}

}  // namespace pleura::api
