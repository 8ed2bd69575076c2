#include <algorithm>
#include <bit>
#include <chrono>
#include <future>
#include <span>
#include <utility>

#include "api/guard.hpp"
#include "api/networks.hpp"
#include "api/stages.hpp"
#include "files/sha256.hpp"
#include "pleura/pleura.hpp"
#include "runtime/fork.hpp"
#include "runtime/parallel.hpp"
#include "screening/anatomy.hpp"
#include "screening/candidates.hpp"
#include "screening/finite.hpp"
#include "screening/lungs.hpp"
#include "screening/noisy_or.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "screening/vote.hpp"
#include "screening/warnings.hpp"

namespace pleura {
namespace {

/// Images of a region become its votes, from the classifier's logits of the whole batch.
Region classified_region(const screening::Candidate& candidate, const screening::RegionPatches& patches,
                         const layers::HostTensor& logits, std::size_t index) {
  Region region;
  region.box_voxels = candidate.box_voxels;
  region.box_mm = candidate.box_mm;
  region.proposal_score = candidate.score;
  for (int image = 0; image < screening::kImages; ++image) {
    const float* values = &logits.values[(index * screening::kImages + image) * 3];
    ImageVote& vote = region.votes[image] = screening::classify_image({values[0], values[1], values[2]});
    vote.slice = patches.slices[image + 1];
    vote.distance_from_edge = patches.distances[image];
  }
  screening::apply_vote(region);
  return region;
}

/// The infected ones first, by falling confidence; equals stay in the order of their proposals.
void sort_regions(std::vector<Region>& regions) {
  std::stable_sort(regions.begin(), regions.end(), [](const Region& a, const Region& b) {
    const bool a_irrelevant = a.label == Label::irrelevant, b_irrelevant = b.label == Label::irrelevant;
    if (a_irrelevant != b_irrelevant) return b_irrelevant;
    return a.log_one_minus_confidence < b.log_one_minus_confidence;
  });
}

const char* name_of(Backend backend) {
  return backend == Backend::cpu ? "cpu" : backend == Backend::cuda ? "cuda" : "reference";
}

const char* name_of(Precision precision) {
  return precision == Precision::fp32 ? "fp32" : precision == Precision::bf16 ? "bf16" : "fp16";
}

/// As the command names it.
const char* architecture_of(const weights::VNetHyper& hyper) {
  if (!hyper.rpn) return "vnet";
  return hyper.block == weights::Block::inception_resnet ? "vnet-ir-rpn" : "vnet-rpn";
}

/// Throws input_refused where voxels and geometry do not agree: a Volume may come from anywhere.
void check(const Volume& volume) {
  const Geometry& geometry = volume.geometry;
  const bool sound = std::all_of(geometry.shape.begin(), geometry.shape.end(), [](auto n) { return n > 0; }) &&
                     std::all_of(geometry.spacing.begin(), geometry.spacing.end(), [](double mm) { return mm > 0; });
  if (!sound || static_cast<std::size_t>(geometry.voxels()) != volume.hu.size())
    throw Error(Status::input_refused, "volume: " + std::to_string(volume.hu.size()) + " voxels, expected " +
                                           std::to_string(geometry.voxels()) +
                                           " of its shape, all sizes and spacings positive");
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
  api::Networks networks;
  int forks = runtime::forks();  ///< when it was made

  Screening screen(Volume volume, const ScreenOptions& overrides, const Progress& progress);
};

Engine::Engine(const std::filesystem::path& weights, const EngineOptions& options)
    : state_(api::guarded([&] {
        return std::make_unique<State>(State{weights.string(), options, api::load_networks(weights, options, true)});
      })) {}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Screening Engine::screen(Volume volume, const ScreenOptions& options, const Progress& progress) {
  return api::guarded([&] { return state_->screen(std::move(volume), options, progress); });
}

Screening Engine::State::screen(Volume volume, const ScreenOptions& overrides, const Progress& progress) {
  const auto started = std::chrono::system_clock::now();
  const auto start = std::chrono::steady_clock::now();
  if (runtime::forks() != forks)
    throw Error(Status::usage, "an engine made before fork() was used in the child, expected one that the child made");
  check(volume);
  api::require_lungs_memory(volume, options);
  // Beside the networks: it takes a core some hundred milliseconds. Without a thread to spare it runs when asked for.
  std::future<std::string> hash = std::async([&volume] { return sha256_of(volume.hu); });
  const weights::Model& model = networks.model;
  const weights::SegmenterSettings settings = api::merge_settings(model.segmenter->settings, overrides);
  const weights::Classifier& classifier = model.classifiers.at(api::name_of(options.classifier));
  const std::int64_t pixels = classifier.hyper.pixels;
  layers::ClassifierNetwork& classifier_network = *networks.classifier;
  api::Stages stages({"lungs", "resample", "segmenter", "candidates", "patches", "classifier", "decision"}, progress);

  screening::Lungs lungs = stages.run([&] { return screening::find_lungs(volume, options.threads); });
  screening::NetworkGrid grid =
      stages.run([&] { return screening::resample_lungs(volume, lungs, settings, options.threads); });
  const layers::HostTensor head = stages.run([&] {
    return api::run_segmenter(networks.segmenter, grid, settings, options,
                              [&](double share) { stages.advance(share); });
  });
  const screening::Candidates candidates = stages.run([&] {
    return screening::find_candidates(head, model.segmenter->hyper, settings, grid, volume.geometry, options.threads);
  });
  std::vector<screening::RegionPatches> patches(candidates.kept.size());
  const layers::HostTensor batch = stages.run([&] {
    parallel_for(static_cast<std::int64_t>(patches.size()), options.threads, [&](std::int64_t i) {
      patches[i] =
          screening::cut_region(volume, lungs, candidates.kept[i].centre, classifier.settings.field_mm, pixels);
    });
    return screening::classifier_input(patches, classifier.settings, pixels);
  });
  const layers::HostTensor logits = stages.run([&]() -> layers::HostTensor {
    if (patches.empty()) return {};
    const bool distances = classifier.hyper.uses_distance;
    layers::HostTensor output = classifier_network.run(
        batch, distances ? screening::network_distances(patches, classifier.settings) : std::vector<float>{});
    screening::require_finite(output, "classifier");
    return output;
  });

  Screening screening;
  Result& result = screening.result;
  result.case_result = stages.run([&] {
    for (std::size_t i = 0; i < patches.size(); ++i)
      result.regions.push_back(classified_region(candidates.kept[i], patches[i], logits, i));
    sort_regions(result.regions);
    return screening::decide_case(result.regions);
  });
  result.lungs = lungs.summary;
  if (volume.provenance) result.input.provenance = *volume.provenance;
  result.geometry = volume.geometry;
  result.stages = stages.times();
  result.warnings = screening::contradictions(volume, lungs, options.threads);
  for (std::string& doubt : screening::doubts(volume.geometry, lungs)) result.warnings.push_back(std::move(doubt));
  if (candidates.dropped > 0)
    result.warnings.push_back(std::to_string(candidates.dropped) + " more proposals were left out: only the best " +
                              std::to_string(settings.max_regions) + " are classified");
  OptionsUsed& used = result.options;
  used.weights = weights;
  used.memory_bytes = options.memory_bytes;
  used.threshold = settings.threshold;
  used.max_regions = settings.max_regions;
  RunInfo& run = result.run;
  run.started = started;
  run.version = version();
  run.device = name_of(options.backend);
  run.precision = name_of(options.precision);
  run.classifier = api::name_of(options.classifier);
  run.threads = resolve_threads(options.threads);
  run.weights_sha256 = model.sha256;
  run.weights_name = model.name;
  run.segmenter_architecture = architecture_of(model.segmenter->hyper);
  run.network_shape = grid.volume.geometry.shape;
  run.network_macs = networks.segmenter.figures(run.network_shape).macs;
  if (!patches.empty()) run.network_macs += classifier_network.figures(batch.shape[0]).macs;

  result.input.voxels_sha256 = hash.get();
  screening.volume = std::move(volume);
  screening.lungs = std::move(lungs.mask);
  run.seconds_total = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return screening;
}

}  // namespace pleura
