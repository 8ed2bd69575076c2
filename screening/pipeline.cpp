#include "screening/pipeline.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "pleura/error.hpp"
#include "runtime/memory.hpp"
#include "screening/finite.hpp"
#include "screening/noisy_or.hpp"
#include "screening/vote.hpp"
#include "screening/windowing.hpp"

namespace pleura::screening {
namespace {

/// Throws resources unless the lungs of a volume that is there already can be found under the bound.
void require_lungs_memory(const Volume& volume, std::uint64_t memory_bytes) {
  constexpr std::uint64_t voxel_bytes = 4;  // the mask, its copy, and room for 16 volumes of bits
  const auto& shape = volume.geometry.shape;
  require_memory(volume.hu.size() * voxel_bytes, memory_bytes, "the CT",
                 "find the lungs in " + std::to_string(shape[2]) + " x " + std::to_string(shape[1]) + " x " +
                     std::to_string(shape[0]) + " voxels");
}

/// Windows the grid and runs the segmenter on it: the head's logits. Plans in the host's memory get what the bound
/// leaves beside all else that the process holds.
layers::HostTensor run_segmenter(Networks& networks, const NetworkGrid& grid,
                                 const weights::SegmenterSettings& settings, std::uint64_t memory_bytes,
                                 const StageTimer& stages) {
  layers::SegmenterNetwork& network = networks.segmenter;
  const auto& [d, h, w] = grid.volume.geometry.shape;
  layers::HostTensor input;
  input.shape = {1, d, h, w, 1};
  input.values.reserve(grid.volume.hu.size());
  for (const std::int16_t hu : grid.volume.hu) input.values.push_back(apply_window(hu, settings.hu_window));
  if (networks.device.device->is_host())
    network.bound_memory(std::max<std::uint64_t>(memory_left(memory_bytes) + network.held_bytes(), 1));
  layers::HostTensor head = network.run(input, [&](double share) { stages.advance(share); });
  if (!is_finite(head))
    throw Error(Status::weights_refused, "the segmenter's layer " + network.first_bad_layer(input) +
                                             " gives values that are not finite: its weights overflow");
  return head;
}

/// All patches through a classifier: logits of each image.
layers::HostTensor run_classifier(layers::ClassifierNetwork& network, const std::vector<RegionPatches>& patches,
                                  const weights::ClassifierHyper& hyper, const weights::ClassifierSettings& settings) {
  if (patches.empty()) return {};
  layers::HostTensor logits =
      network.run(classifier_input(patches, settings, hyper.pixels),
                  hyper.uses_distance ? network_distances(patches, settings) : std::vector<float>{});
  require_finite(logits, "classifier");
  return logits;
}

/// A candidate with the votes of its images, from the logits of all images.
Region classified_region(const Candidate& candidate, const RegionPatches& patches, const layers::HostTensor& logits,
                         std::size_t index) {
  Region region;
  region.box_voxels = candidate.box_voxels;
  region.box_mm = candidate.box_mm;
  region.proposal_score = candidate.score;
  for (int image = 0; image < kImages; ++image) {
    const float* values = &logits.values[(index * kImages + image) * 3];
    ImageVote& vote = region.votes[image] = classify_image({values[0], values[1], values[2]});
    vote.slice = patches.slices[image + 1];
    vote.distance_from_edge = patches.distances[image];
  }
  apply_vote(region);
  return region;
}

}  // namespace

Pipeline::Pipeline(const Volume& volume, const EngineOptions& options, StageTimer& stages)
    : volume_(volume),
      options_(options),
      stages_(stages),
      device_(kernels::open_device("cpu", options.threads)),
      on_(device_.instrument()),
      hu_(on_->take(volume.hu, volume.geometry.shape)) {}

Proposals Pipeline::propose(const weights::SegmenterSettings& settings, Networks* networks) {
  const int threads = options_.threads;
  require_lungs_memory(volume_, options_.memory_bytes);
  Proposals found;
  found.lungs = stages_.run("lungs", [&] { return find_lungs(*on_, hu_, volume_.geometry); });
  found.grid =
      stages_.run("resample", [&] { return resample_lungs(*on_, hu_, volume_.geometry, found.lungs, settings); });
  if (networks == nullptr) return found;
  const layers::HostTensor head = stages_.run(
      "segmenter", [&] { return run_segmenter(*networks, found.grid, settings, options_.memory_bytes, stages_); });
  found.candidates = stages_.run("candidates", [&] {
    return find_candidates(head, networks->model.segmenter->hyper, settings, found.grid, volume_.geometry, threads);
  });
  return found;
}

std::vector<RegionPatches> Pipeline::cut(const Lungs& lungs, const std::vector<Candidate>& candidates, double field_mm,
                                         std::int64_t pixels) {
  return stages_.run("patches", [&] {
    std::vector<std::array<double, 3>> centres;
    for (const Candidate& candidate : candidates) centres.push_back(candidate.centre);
    return cut_regions(*on_, hu_, volume_.geometry, lungs, centres, field_mm, pixels);
  });
}

Decision Pipeline::classify(const std::vector<Candidate>& candidates, const std::vector<RegionPatches>& patches,
                            Networks& networks, const std::string& classifier) {
  const layers::HostTensor logits = stages_.run("classifier", [&] {
    const auto& [hyper, settings, tensors] = networks.model.classifiers.at(classifier);
    return run_classifier(networks.classifiers.at(classifier), patches, hyper, settings);
  });
  return stages_.run("decision", [&] {
    Decision decision;
    for (std::size_t i = 0; i < candidates.size(); ++i)
      decision.regions.push_back(classified_region(candidates[i], patches[i], logits, i));
    decision.case_result = decide_case(decision.regions);
    return decision;
  });
}

}  // namespace pleura::screening
