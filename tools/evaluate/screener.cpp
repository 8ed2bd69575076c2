#include "evaluate/screener.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "evaluate/matching.hpp"
#include "phantom/random.hpp"
#include "screening/noisy_or.hpp"
#include "screening/pipeline.hpp"
#include "screening/vote.hpp"

namespace pleura::evaluate {
namespace {

using screening::Pipeline;

/// Distances dealt anew among a CT's images: what M2 is worth without knowing which distance belongs to which image.
void shuffle_distances(std::vector<screening::RegionPatches>& regions, int row) {
  phantom::Random random(static_cast<std::uint64_t>(row), "shuffled distances");
  const auto distance = [&](std::size_t i) -> double& {
    return regions[i / screening::kImages].distances[i % screening::kImages];
  };
  for (std::size_t i = regions.size() * screening::kImages; i > 1; --i)
    std::swap(distance(i - 1), distance(random.integer(0, static_cast<int>(i) - 1)));
}

Answer answer_of(const screening::Decision& decision) {
  Answer answer;
  for (const Region& region : decision.regions) {
    Opinion& opinion = answer.regions.emplace_back();
    for (int image = 0; image < screening::kImages; ++image)
      opinion.probabilities[image] = region.votes[image].probabilities;
    opinion.label = region.label;
    opinion.speaker = screening::vote(region.votes);
  }
  answer.result = decision.case_result.result;
  answer.exported = decision.case_result.confidence;
  answer.evidence_covid19 = -screening::log_noisy_or_complement(decision.regions, Label::covid19);
  answer.evidence_influenza_a = -screening::log_noisy_or_complement(decision.regions, Label::influenza_a);
  return answer;
}

}  // namespace

Screener::Screener(const std::filesystem::path& weights, const EngineOptions& engine, const ScreenOptions& screen)
    : engine_(engine),
      networks_(screening::load_networks(weights, engine, {Classifier::m1, Classifier::m2})),
      settings_(screening::merge_settings(networks_.model.segmenter->settings, screen)),
      setting_{networks_.model.sha256, screening::name_of(engine.precision), settings_.threshold,
               settings_.max_regions} {}

Record Screener::screen(const Entry& entry, const ReadOptions& read, const Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  Record record;
  record.name = entry.name;
  record.setting = setting_;
  record.truth = entry.truth;
  record.has_lesions = !entry.lesions.empty();
  const std::vector<Lesion> lesions = record.has_lesions ? read_lesions(entry.lesions) : std::vector<Lesion>{};
  for (const Lesion& lesion : lesions) record.lesions.push_back(lesion.finding);

  weights::SegmenterSettings low = settings_;  // a lower threshold adds proposals after the others, and changes none
  if (networks_.model.segmenter->hyper.rpn) low.threshold = std::min(low.threshold, kLowestScore);
  low.max_regions = std::max(low.max_regions, kMostProposals);

  screening::StageTimer stages(1 + Pipeline::propose_stages + 2 * Pipeline::cut_stages + 3 * Pipeline::classify_stages,
                               progress);
  const Volume volume = stages.run("read", [&] { return read_ct(entry.ct, read); });
  Pipeline pipeline(networks_.device, volume, engine_, stages);
  const screening::Proposals found = pipeline.propose(low, &networks_);
  std::vector<screening::Candidate> regions;
  for (const screening::Candidate& candidate : found.candidates.kept) {
    record.proposals.push_back({candidate.score, candidate.box_mm, hits(candidate.box_mm, lesions)});
    if (candidate.score < settings_.threshold || regions.size() >= static_cast<std::size_t>(settings_.max_regions))
      continue;
    regions.push_back(candidate);
    record.region_truth.push_back(record.has_lesions ? true_label(candidate.box_mm, lesions) : std::nullopt);
  }
  const auto cut = [&](const std::string& name) {
    const auto& [hyper, settings, tensors] = networks_.model.classifiers.at(name);
    return pipeline.cut(found.lungs, regions, settings.field_mm, hyper.pixels);
  };
  const auto answer = [&](const std::string& name, const screening::Patches& patches) {
    return answer_of(pipeline.classify(regions, patches, networks_, name));
  };
  record.answers["m1"] = answer("m1", cut("m1"));
  screening::Patches patches = cut("m2");
  record.answers["m2"] = answer("m2", patches);
  shuffle_distances(patches.regions, entry.row);
  record.answers["m2_shuffled"] = answer("m2", patches);
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return record;
}

}  // namespace pleura::evaluate
