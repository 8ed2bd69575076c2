#include <optional>
#include <string>
#include <utility>

#include "api/extract_file.hpp"
#include "api/guard.hpp"
#include "files/hdf5_writing.hpp"
#include "pleura/pleura.hpp"
#include "screening/pipeline.hpp"

namespace pleura {
namespace {

/// The settings of the classifier that is asked for, or of the file's other one, or the defaults.
weights::Classifier classifier_of(const std::optional<screening::Networks>& networks, Classifier wanted) {
  if (!networks || networks->model.classifiers.empty()) return {};
  const auto& classifiers = networks->model.classifiers;
  const auto found = classifiers.find(screening::name_of(wanted));
  return found == classifiers.end() ? classifiers.begin()->second : found->second;
}

void extract(const Volume& volume, const std::filesystem::path& file, const ExtractOptions& options,
             const Progress& progress) {
  hdf5::require_writing(file);
  if (options.field_mm != 0 && !(options.field_mm >= 1 && options.field_mm <= 1000))
    throw Error(Status::usage, "a patch's field of view of " + std::to_string(options.field_mm) +
                                   " mm, expected 1 to 1000, or 0 for the weights' own");
  std::vector<screening::Candidate> given;
  if (!options.boxes.empty())
    for (const WorldBox& box : api::read_boxes(options.boxes))
      given.push_back(screening::to_candidate(box, volume.geometry));
  std::optional<screening::Networks> networks;
  if (!options.weights.empty()) networks.emplace(screening::load_networks(options.weights, options.engine, {}));

  api::Extract result;
  if (volume.provenance) result.series_uid = volume.provenance->series_uid;
  result.source = volume.geometry;
  if (networks) {
    result.weights_sha256 = networks->model.sha256;
    result.settings = networks->model.segmenter->settings;
  }
  result.settings = screening::merge_settings(result.settings, options.screen);
  const weights::Classifier classifier = classifier_of(networks, options.engine.classifier);
  result.field_mm = options.field_mm == 0 ? classifier.settings.field_mm : options.field_mm;
  result.pixels = classifier.hyper.pixels;

  screening::StageTimer stages(screening::Pipeline::propose_stages + screening::Pipeline::cut_stages + 1, progress);
  const auto device = networks ? networks->device : screening::open_device(options.engine);
  screening::Pipeline pipeline(device, volume, options.engine, stages);
  const screening::Proposals found = pipeline.propose(result.settings, networks ? &*networks : nullptr);
  auto& on = pipeline.instrument();
  result.grid = {found.grid.geometry, on.read(found.grid.hu), on.read(found.grid.lungs)};
  std::vector<screening::Candidate> candidates = found.candidates.kept;
  const std::size_t proposed = candidates.size();
  candidates.insert(candidates.end(), given.begin(), given.end());
  const screening::Patches patches = pipeline.cut(found.lungs, candidates, result.field_mm, result.pixels);
  if (!candidates.empty()) result.patches = on.read(patches.hu);
  for (std::size_t i = 0; i < candidates.size(); ++i)
    result.regions.push_back(
        {candidates[i], i < proposed ? api::Source::proposed : api::Source::given, patches.regions[i]});
  stages.run("write", [&] { api::write_extract(result, file); });
}

}  // namespace

void extract_ct(const Volume& volume, const std::filesystem::path& file, const ExtractOptions& options,
                const Progress& progress) {
  api::guarded([&] { extract(volume, file, options, progress); });
}

}  // namespace pleura
