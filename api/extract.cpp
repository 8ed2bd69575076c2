#include <optional>
#include <string>
#include <utility>

#include "api/extract_file.hpp"
#include "api/guard.hpp"
#include "api/networks.hpp"
#include "api/stages.hpp"
#include "pleura/pleura.hpp"
#include "screening/lungs.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"

namespace pleura {
namespace {

/// The settings of the classifier that is asked for, or of the file's other one, or the defaults.
weights::Classifier classifier_of(const std::optional<api::Networks>& networks, Classifier wanted) {
  if (!networks || networks->model.classifiers.empty()) return {};
  const auto& classifiers = networks->model.classifiers;
  const auto found = classifiers.find(api::name_of(wanted));
  return found == classifiers.end() ? classifiers.begin()->second : found->second;
}

void extract(const Volume& volume, const std::filesystem::path& file, const ExtractOptions& options,
             const Progress& progress) {
  if (options.field_mm != 0 && !(options.field_mm >= 1 && options.field_mm <= 1000))
    throw Error(Status::usage, "a patch's field of view of " + std::to_string(options.field_mm) +
                                   " mm, expected 1 to 1000, or 0 for the weights' own");
  std::vector<screening::Candidate> given;
  if (!options.boxes.empty())
    for (const WorldBox& box : api::read_boxes(options.boxes))
      given.push_back(screening::to_candidate(box, volume.geometry));
  std::optional<api::Networks> networks;
  if (!options.weights.empty()) networks.emplace(api::load_networks(options.weights, options.engine, false));

  api::Extract result;
  if (volume.provenance) result.series_uid = volume.provenance->series_uid;
  result.source = volume.geometry;
  if (networks) {
    result.weights_sha256 = networks->model.sha256;
    result.settings = networks->model.segmenter->settings;
  }
  result.settings = api::merge_settings(result.settings, options.screen);
  const weights::Classifier classifier = classifier_of(networks, options.engine.classifier);
  result.field_mm = options.field_mm == 0 ? classifier.settings.field_mm : options.field_mm;
  result.pixels = classifier.hyper.pixels;

  api::require_lungs_memory(volume, options.engine);
  const int threads = options.engine.threads;
  api::Stages stages({"lungs", "resample", "proposals", "patches", "write"}, progress);
  const screening::Lungs lungs = stages.run([&] { return screening::find_lungs(volume, threads); });
  result.grid = stages.run([&] { return screening::resample_lungs(volume, lungs, result.settings, threads); });
  const std::vector<screening::Candidate> proposed = stages.run([&]() -> std::vector<screening::Candidate> {
    if (!networks) return {};
    const layers::HostTensor head = api::run_segmenter(networks->segmenter, result.grid, result.settings,
                                                       options.engine, [&](double share) { stages.advance(share); });
    return screening::find_candidates(head, networks->model.segmenter->hyper, result.settings, result.grid,
                                      volume.geometry, threads)
        .kept;
  });
  stages.run([&] {
    const auto add = [&](const screening::Candidate& candidate, api::Source source) {
      result.regions.push_back(
          {candidate, source, screening::cut_region(volume, lungs, candidate.centre, result.field_mm, result.pixels)});
    };
    for (const screening::Candidate& candidate : proposed) add(candidate, api::Source::proposed);
    for (const screening::Candidate& candidate : given) add(candidate, api::Source::given);
  });
  stages.run([&] { api::write_extract(result, file); });
}

}  // namespace

void extract_ct(const Volume& volume, const std::filesystem::path& file, const ExtractOptions& options,
                const Progress& progress) {
  api::guarded([&] { extract(volume, file, options, progress); });
}

}  // namespace pleura
