#include "evaluate/screener.hpp"

#include <chrono>
#include <utility>

#include "api/stages.hpp"
#include "evaluate/matching.hpp"
#include "phantom/random.hpp"
#include "screening/finite.hpp"
#include "screening/lungs.hpp"
#include "screening/noisy_or.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "screening/vote.hpp"

namespace pleura::evaluate {
namespace {

EngineOptions with(EngineOptions options, Classifier classifier) {
  options.classifier = classifier;
  return options;
}

/// Distances dealt anew among a CT's images: what M2 is worth without knowing which distance belongs to which image.
void shuffle(std::vector<float>& distances, int row) {
  phantom::Random random(static_cast<std::uint64_t>(row), "shuffled distances");
  for (std::size_t i = distances.size(); i > 1; --i)
    std::swap(distances[i - 1], distances[random.integer(0, static_cast<int>(i) - 1)]);
}

/// Votes and case from the logits of all regions' images, as screening makes them.
Answer answer_of(const layers::HostTensor& logits) {
  Answer answer;
  std::vector<Region> regions(logits.values.size() / (3 * screening::kImages));
  for (std::size_t i = 0; i < regions.size(); ++i) {
    Opinion& opinion = answer.regions.emplace_back();
    for (int image = 0; image < screening::kImages; ++image) {
      const float* values = &logits.values[(i * screening::kImages + image) * 3];
      regions[i].votes[image] = screening::classify_image({values[0], values[1], values[2]});
      opinion.probabilities[image] = regions[i].votes[image].probabilities;
    }
    screening::apply_vote(regions[i]);
    opinion.label = regions[i].label;
    opinion.speaker = screening::vote(regions[i].votes);
  }
  const CaseResult found = screening::decide_case(regions);
  answer.result = found.result;
  answer.exported = found.confidence;
  answer.evidence_covid19 = -screening::log_noisy_or_complement(regions, Label::covid19);
  answer.evidence_influenza_a = -screening::log_noisy_or_complement(regions, Label::influenza_a);
  return answer;
}

}  // namespace

Screener::Screener(const std::filesystem::path& weights, const EngineOptions& engine, const ScreenOptions& screen)
    : engine_(engine),
      m1_(api::load_networks(weights, with(engine, Classifier::m1), true)),
      m2_(api::load_networks(weights, with(engine, Classifier::m2), true)),
      settings_(api::merge_settings(m2_.model.segmenter->settings, screen)),
      setting_{m2_.model.sha256,
               engine.precision == Precision::fp32   ? "fp32"
               : engine.precision == Precision::bf16 ? "bf16"
                                                     : "fp16",
               settings_.threshold, settings_.max_regions} {}

Record Screener::screen(const Entry& entry, const ReadOptions& read, const Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  Record record;
  record.name = entry.name;
  record.setting = setting_;
  record.truth = entry.truth;
  record.has_lesions = !entry.lesions.empty();
  const std::vector<Lesion> lesions = record.has_lesions ? read_lesions(entry.lesions) : std::vector<Lesion>{};
  for (const Lesion& lesion : lesions) record.lesions.push_back(lesion.finding);

  const int threads = engine_.threads;
  const weights::VNetHyper& hyper = m2_.model.segmenter->hyper;
  weights::SegmenterSettings low = settings_;  // a lower threshold adds proposals after the others, and changes none
  if (hyper.rpn) low.threshold = std::min(low.threshold, kLowestScore);
  low.max_regions = std::max(low.max_regions, kMostProposals);

  api::Stages stages({"read", "lungs", "segmenter", "classifiers"}, progress);
  const Volume volume = stages.run([&] { return read_ct(entry.ct, read); });
  api::require_lungs_memory(volume, engine_);
  const screening::Lungs lungs = stages.run([&] { return screening::find_lungs(volume, threads); });
  const screening::Candidates candidates = stages.run([&] {
    const screening::NetworkGrid grid = screening::resample_lungs(volume, lungs, settings_, threads);
    const layers::HostTensor head =
        api::run_segmenter(m2_.segmenter, grid, settings_, engine_, [&](double share) { stages.advance(share); });
    return screening::find_candidates(head, hyper, low, grid, volume.geometry, threads);
  });
  stages.run([&] {
    std::vector<std::array<double, 3>> centres;  // of the regions
    for (const screening::Candidate& candidate : candidates.kept) {
      record.proposals.push_back({candidate.score, candidate.box_mm, hits(candidate.box_mm, lesions)});
      if (candidate.score < settings_.threshold || centres.size() >= static_cast<std::size_t>(settings_.max_regions))
        continue;
      centres.push_back(candidate.centre);
      record.region_truth.push_back(record.has_lesions ? true_label(candidate.box_mm, lesions) : std::nullopt);
    }
    const auto answer = [&](api::Networks& networks, const char* name, bool shuffled) {
      const auto& [classifier, settings, tensors] = networks.model.classifiers.at(name);
      std::vector<screening::RegionPatches> patches;
      patches.reserve(centres.size());
      for (const auto& centre : centres)
        patches.push_back(screening::cut_region(volume, lungs, centre, settings.field_mm, classifier.pixels));
      if (patches.empty()) return answer_of({});
      std::vector<float> distances;
      if (classifier.uses_distance) distances = screening::network_distances(patches, settings);
      if (shuffled) shuffle(distances, entry.row);
      const layers::HostTensor logits =
          networks.classifier->run(screening::classifier_input(patches, settings, classifier.pixels), distances);
      screening::require_finite(logits, "classifier");
      return answer_of(logits);
    };
    record.answers["m1"] = answer(m1_, "m1", false);
    record.answers["m2"] = answer(m2_, "m2", false);
    record.answers["m2_shuffled"] = answer(m2_, "m2", true);
  });
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return record;
}

}  // namespace pleura::evaluate
