#include <algorithm>
#include <bit>
#include <chrono>
#include <future>
#include <span>
#include <utility>

#include "api/guard.hpp"
#include "api/sound_volume.hpp"
#include "files/sha256.hpp"
#include "pleura/pleura.hpp"
#include "runtime/clock.hpp"
#include "runtime/fork.hpp"
#include "runtime/parallel.hpp"
#include "screening/anatomy.hpp"
#include "screening/pipeline.hpp"
#include "screening/warnings.hpp"

namespace pleura {
namespace {

/// The infected ones first, by falling confidence; equals stay in the order of their proposals.
void sort_regions(std::vector<Region>& regions) {
  std::stable_sort(regions.begin(), regions.end(), [](const Region& a, const Region& b) {
    const bool a_irrelevant = a.label == Label::irrelevant, b_irrelevant = b.label == Label::irrelevant;
    if (a_irrelevant != b_irrelevant) return b_irrelevant;
    return a.log_one_minus_confidence < b.log_one_minus_confidence;
  });
}

/// As the command names it.
const char* architecture_of(const weights::VNetHyper& hyper) {
  if (!hyper.rpn) return "vnet";
  return hyper.block == weights::Block::inception_resnet ? "vnet-ir-rpn" : "vnet-rpn";
}

/// Layers by their variant, in the order of the first of each.
void add_variants(const std::string& network, const layers::PlanFigures& figures, RunInfo& run) {
  const std::size_t first = run.variants.size();
  for (const std::string& variant : figures.variants) {
    const auto known = std::find_if(run.variants.begin() + static_cast<std::ptrdiff_t>(first), run.variants.end(),
                                    [&](const VariantUse& use) { return use.variant == variant; });
    if (known == run.variants.end())
      run.variants.push_back({network, variant, 1});
    else
      ++known->layers;
  }
}

std::string sha256_of(const std::vector<std::int16_t>& hu) {
  static_assert(std::endian::native == std::endian::little, "the hash is of little-endian values");
  files::Sha256 hash;
  hash.update({reinterpret_cast<const std::uint8_t*>(hu.data()), hu.size() * sizeof(std::int16_t)});
  return hash.hex();
}

}  // namespace

struct Engine::State {
  std::string weights;  ///< path as given
  EngineOptions options;
  screening::Networks networks;
  int forks = runtime::forks();  ///< when it was made

  Screening screen(Volume volume, const ScreenOptions& overrides, const Progress& progress);
};

Engine::Engine(const std::filesystem::path& weights, const EngineOptions& options)
    : state_(api::guarded([&] {
        return std::make_unique<State>(
            State{weights.string(), options, screening::load_networks(weights, options, {options.classifier})});
      })) {}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const std::string& Engine::device_note() const { return state_->networks.device.why; }

bool Engine::is_lost() const try {
  state_->networks.device.device->synchronize();
  return false;
} catch (const Error&) {
  return true;
}

Screening Engine::screen(Volume volume, const ScreenOptions& options, const Progress& progress) {
  return api::guarded([&] { return state_->screen(std::move(volume), options, progress); });
}

Screening Engine::State::screen(Volume volume, const ScreenOptions& overrides, const Progress& progress) {
  const auto started = std::chrono::system_clock::now();
  const auto start = std::chrono::steady_clock::now();
  if (runtime::forks() != forks)
    throw Error(Status::usage, "an engine made before fork() was used in the child, expected one that the child made");
  api::require_sound(volume);
  // Beside the networks: it takes a core some hundred milliseconds. Without a thread to spare it runs when asked for.
  std::future<std::string> hash = std::async([&volume] { return sha256_of(volume.hu); });
  const int measured = networks.tuner ? networks.tuner->measured() : 0;
  const weights::Model& model = networks.model;
  const weights::SegmenterSettings settings = screening::merge_settings(model.segmenter->settings, overrides);
  const std::string name = screening::name_of(options.classifier);
  const weights::Classifier& classifier = model.classifiers.at(name);
  screening::StageTimer stages(screening::Pipeline::all_stages, progress);
  screening::Pipeline pipeline(networks.device, volume, options, stages);
  screening::Proposals found = pipeline.propose(settings, &networks);
  const std::vector<screening::Candidate>& candidates = found.candidates.kept;
  const screening::Patches patches =
      pipeline.cut(found.lungs, candidates, classifier.settings.field_mm, classifier.hyper.pixels);
  screening::Decision decision = pipeline.classify(candidates, patches, networks, name);

  Screening screening;
  Result& result = screening.result;
  result.case_result = decision.case_result;
  result.regions = std::move(decision.regions);
  sort_regions(result.regions);
  result.lungs = found.lungs.summary;
  if (volume.provenance) result.input.provenance = *volume.provenance;
  result.geometry = volume.geometry;
  result.stages = stages.times();
  result.warnings = screening::contradictions(volume, found.lungs, options.threads);
  for (std::string& doubt : screening::doubts(volume.geometry, found.lungs))
    result.warnings.push_back(std::move(doubt));
  if (found.candidates.dropped > 0)
    result.warnings.push_back(std::to_string(found.candidates.dropped) +
                              " more proposals were left out: only the best " + std::to_string(settings.max_regions) +
                              " are classified");
  OptionsUsed& used = result.options;
  used.weights = weights;
  used.memory_bytes = options.memory_bytes;
  used.threshold = settings.threshold;
  used.max_regions = settings.max_regions;
  RunInfo& run = result.run;
  run.started = started;
  run.version = version();
  run.device = networks.device.device->name();
  run.precision = screening::name_of(options.precision);
  run.classifier = name;
  run.threads = resolve_threads(options.threads);
  run.weights_sha256 = model.sha256;
  run.weights_name = model.name;
  run.segmenter_architecture = architecture_of(model.segmenter->hyper);
  run.network_shape = found.grid.geometry.shape;
  const layers::PlanFigures segmenter = networks.segmenter.figures(run.network_shape);
  run.network_macs = segmenter.macs;
  add_variants("segmenter", segmenter, run);
  if (!patches.regions.empty()) {
    const auto images = static_cast<std::int64_t>(patches.regions.size()) * screening::kImages;
    const layers::PlanFigures of_images = networks.classifiers.at(name).figures(images);
    run.network_macs += of_images.macs;
    add_variants("classifier", of_images, run);
  }

  if (networks.tuner) run.tuning = {networks.tuner->state(), networks.tuner->measured() - measured};

  result.input.voxels_sha256 = hash.get();
  screening.volume = std::move(volume);
  if (overrides.lungs) screening.lungs = pipeline.instrument().read(found.lungs.labels);
  run.seconds_total = seconds_since(start);
  return screening;
}

}  // namespace pleura
