#include "screening/pipeline.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "pleura/error.hpp"
#include "runtime/memory.hpp"
#include "screening/noisy_or.hpp"
#include "screening/vote.hpp"

namespace pleura::screening {
namespace {

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

Pipeline::Pipeline(const kernels::OpenDevice& device, const Volume& volume, const EngineOptions& options,
                   StageTimer& stages)
    : device_(device), volume_(volume), options_(options), stages_(stages), on_(device.instrument()) {}

/// Throws resources unless the lungs of a volume that is there already can be found under the bound. On a device with
/// memory of its own plans give way where it is short.
void Pipeline::make_room(Networks* networks) const {
  constexpr std::uint64_t host_bytes = 4;   // a voxel: the labels, their copy, and room for 16 volumes of bits
  constexpr std::int64_t device_bytes = 8;  // and the CT itself, beside the pool's own use of what it holds
  const auto& shape = volume_.geometry.shape;
  require_memory(volume_.hu.size() * host_bytes, options_.memory_bytes, "the CT",
                 "find the lungs in " + std::to_string(shape[2]) + " x " + std::to_string(shape[1]) + " x " +
                     std::to_string(shape[0]) + " voxels");
  runtime::Device& device = *device_.device;
  if (networks == nullptr || device.is_host()) return;
  if (device.available_bytes() + device.pool().free_bytes() < volume_.geometry.voxels() * device_bytes)
    networks->segmenter.give_up_plans();
}

/// The head's logits. Plans in the host's memory get what the bound leaves beside all else that the process holds.
runtime::TensorView Pipeline::run_segmenter(Networks& networks, const NetworkGrid& grid,
                                            const weights::SegmenterSettings& settings) {
  layers::SegmenterNetwork& network = networks.segmenter;
  if (device_.device->is_host())
    network.bound_memory(std::max<std::uint64_t>(memory_left(options_.memory_bytes) + network.held_bytes(), 1));
  on_->window(grid.hu, settings.hu_window, network.input(grid.geometry.shape));
  return network.run(grid.geometry.shape, [&](double share) { stages_.advance(share); });
}

/// Logits of each image.
layers::HostTensor Pipeline::run_classifier(const Patches& patches, layers::ClassifierNetwork& network,
                                            const weights::Classifier& classifier) {
  const auto& [hyper, settings, tensors] = classifier;
  const kernels::ImageChannels channels = image_channels(settings);
  layers::HostTensor logits = network.run(
      static_cast<std::int64_t>(patches.regions.size()) * kImages,
      [&](std::int64_t first, const runtime::TensorView& images) { on_->window(patches.hu, first, channels, images); },
      hyper.uses_distance ? network_distances(patches.regions, settings) : std::vector<float>{});
  const auto& [n, d, h, w, c] = logits.shape;
  if (!runtime::all_finite({runtime::dense(runtime::DType::f32, {n, d, h, w, c}), logits.values.data()}))
    throw Error(Status::weights_refused,
                "the classifier's output holds values that are not finite: its weights overflow");
  return logits;
}

Proposals Pipeline::propose(const weights::SegmenterSettings& settings, Networks* networks) {
  make_room(networks);
  Proposals found;
  found.lungs = run("lungs", [&] {
    hu_ = on_->take(volume_.hu, volume_.geometry.shape);
    return find_lungs(*on_, hu_, volume_.geometry);
  });
  found.grid = run("resample", [&] { return resample_lungs(*on_, hu_, volume_.geometry, found.lungs, settings); });
  if (networks == nullptr) return found;
  found.head = run("segmenter", [&] { return run_segmenter(*networks, found.grid, settings); });
  found.candidates = run("candidates", [&] {
    return find_candidates(*on_, found.head, networks->model.segmenter->hyper, settings, found.grid, volume_.geometry);
  });
  if (!found.candidates.finite) {
    layers::SegmenterNetwork& network = networks->segmenter;
    const Index3& shape = found.grid.geometry.shape;
    on_->window(found.grid.hu, settings.hu_window, network.input(shape));
    throw Error(Status::weights_refused, "the segmenter's layer " + network.first_bad_layer(shape) +
                                             " gives values that are not finite: its weights overflow");
  }
  return found;
}

Patches Pipeline::cut(const Lungs& lungs, const std::vector<Candidate>& candidates, double field_mm,
                      std::int64_t pixels) {
  return run("patches", [&] {
    std::vector<std::array<double, 3>> centres;
    for (const Candidate& candidate : candidates) centres.push_back(candidate.centre);
    return cut_regions(*on_, hu_, volume_.geometry, lungs, centres, field_mm, pixels);
  });
}

Decision Pipeline::classify(const std::vector<Candidate>& candidates, const Patches& patches, Networks& networks,
                            const std::string& classifier) {
  const layers::HostTensor logits = run("classifier", [&] {
    return run_classifier(patches, networks.classifiers.at(classifier), networks.model.classifiers.at(classifier));
  });
  return stages_.run("decision", [&] {
    Decision decision;
    for (std::size_t i = 0; i < candidates.size(); ++i)
      decision.regions.push_back(classified_region(candidates[i], patches.regions[i], logits, i));
    decision.case_result = decide_case(decision.regions);
    return decision;
  });
}

}  // namespace pleura::screening
