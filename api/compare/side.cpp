#include "api/compare/side.hpp"

#include <utility>

#include "kernels/transfer.hpp"
#include "pleura/compare.hpp"
#include "pleura/error.hpp"
#include "screening/pipeline.hpp"

namespace pleura::api {
namespace {

layers::HostTensor on_host(const kernels::OpenDevice& device, const runtime::TensorView& tensor) {
  const auto& [n, d, h, w, c] = tensor.desc.shape;
  layers::HostTensor values{{n, d, h, w, c},
                            std::vector<float>(static_cast<std::size_t>(tensor.desc.shape.elements()))};
  kernels::copy_out(device, tensor, values.values.data());
  return values;
}

/// Below the threshold or beyond the most that are kept: suppression goes from the best down, so that neither changes
/// what stands above.
std::optional<double> next_proposal(screening::Pipeline& pipeline, const screening::Proposals& found,
                                    const weights::VNetHyper& hyper, weights::SegmenterSettings settings,
                                    const Geometry& ct) {
  if (!hyper.rpn) return {};
  const std::size_t kept = found.candidates.kept.size();
  settings.threshold = 0;
  settings.max_regions = static_cast<int>(kept) + 1;
  const screening::Candidates all =
      screening::find_candidates(pipeline.instrument(), found.head, hyper, settings, found.grid, ct);
  if (all.kept.size() <= kept) return {};
  return kernels::logit(all.kept.back().score);
}

Side screen_with(const std::filesystem::path& weights, const Volume& volume, const EngineOptions& options,
                 const ScreenOptions& overrides, const Progress& progress) {
  screening::Networks networks = screening::load_networks(weights, options, {options.classifier});
  const weights::SegmenterSettings settings = screening::merge_settings(networks.model.segmenter->settings, overrides);
  const std::string name = screening::name_of(options.classifier);
  const weights::Classifier& classifier = networks.model.classifiers.at(name);
  screening::StageTimer stages(screening::Pipeline::all_stages, progress);
  screening::Pipeline pipeline(networks.device, volume, options, stages);
  const screening::Proposals found = pipeline.propose(settings, &networks);
  Side side;
  side.device = networks.device.device->name();
  side.note = networks.device.why;
  side.weights_sha256 = networks.model.sha256;
  side.hyper = networks.model.segmenter->hyper;
  side.threshold = kernels::logit(settings.threshold);
  side.lungs = pipeline.instrument().read(found.lungs.labels);
  side.head = on_host(networks.device, found.head);
  side.next_proposal = next_proposal(pipeline, found, side.hyper, settings, volume.geometry);
  const std::vector<screening::Candidate>& candidates = found.candidates.kept;
  const screening::Patches patches =
      pipeline.cut(found.lungs, candidates, classifier.settings.field_mm, classifier.hyper.pixels);
  screening::Decision decision = pipeline.classify(candidates, patches, networks, name);
  side.regions = std::move(decision.regions);
  side.case_result = decision.case_result;
  return side;
}

/// What is not the CT's fault names the configuration.
template <class Work>
auto naming(const EngineOptions& options, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.status() == Status::input_refused) throw;
    throw Error(error.status(), configuration_words(options) + ": " + error.what());
  }
}

}  // namespace

void require_device(const EngineOptions& options) {
  naming(options, [&] { static_cast<void>(screening::open_device(options)); });
}

Side screen_side(const std::filesystem::path& weights, const Volume& volume, const EngineOptions& options,
                 const ScreenOptions& overrides, const Progress& progress) {
  Side side = naming(options, [&] { return screen_with(weights, volume, options, overrides, progress); });
  side.configuration = configuration_words(options);
  return side;
}

}  // namespace pleura::api
