#include "api/networks.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/memory.hpp"
#include "screening/finite.hpp"
#include "screening/windowing.hpp"

namespace pleura::api {
namespace {

/// "m1, m2", or what else a file holds.
std::string names(const std::map<std::string, weights::Classifier>& classifiers) {
  std::string list;
  for (const auto& [name, classifier] : classifiers) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

layers::Options options_of(const EngineOptions& engine) {
  layers::Options options;
  options.device = engine.backend == Backend::cpu    ? layers::DeviceKind::cpu
                   : engine.backend == Backend::cuda ? layers::DeviceKind::cuda
                                                     : layers::DeviceKind::reference;
  options.activations = engine.precision == Precision::fp32   ? runtime::DType::f32
                        : engine.precision == Precision::bf16 ? runtime::DType::bf16
                                                              : runtime::DType::f16;
  options.threads = engine.threads;
  options.memory_bytes = engine.memory_bytes;
  return options;
}

}  // namespace

const char* name_of(Classifier classifier) { return classifier == Classifier::m1 ? "m1" : "m2"; }

void require_lungs_memory(const Volume& volume, const EngineOptions& options) {
  constexpr std::uint64_t voxel_bytes = 4;  // the mask, and bits of each stage
  const auto& shape = volume.geometry.shape;
  require_memory(volume.hu.size() * voxel_bytes, options.memory_bytes, "the CT",
                 "find the lungs in " + std::to_string(shape[2]) + " x " + std::to_string(shape[1]) + " x " +
                     std::to_string(shape[0]) + " voxels");
}

Networks load_networks(const std::filesystem::path& file, const EngineOptions& options, bool with_classifier) {
  std::error_code absent;  // which reading tells
  if (const auto bytes = std::filesystem::file_size(file, absent); !absent)
    require_memory(2 * bytes, options.memory_bytes, file.string(), "load the networks");
  weights::Model model = weights::read_model(file);
  if (!model.segmenter)
    throw Error(Status::weights_refused,
                file.string() + ": no /segmenter, expected one: the file is for classifiers alone");
  std::optional<layers::ClassifierNetwork> classifier;
  if (with_classifier) {
    const auto found = model.classifiers.find(name_of(options.classifier));
    if (found == model.classifiers.end())
      throw Error(Status::weights_refused, file.string() + ": no /classifiers/" + name_of(options.classifier) +
                                               ", expected it; classifiers found: " + names(model.classifiers));
    classifier.emplace(found->second, options_of(options));
  }
  layers::SegmenterNetwork segmenter(*model.segmenter, options_of(options));
  model.segmenter->tensors.clear();
  for (auto& [name, one] : model.classifiers) one.tensors.clear();
  return {std::move(model), std::move(segmenter), std::move(classifier)};
}

weights::SegmenterSettings merge_settings(weights::SegmenterSettings settings, const ScreenOptions& options) {
  if (options.threshold) {
    if (!(*options.threshold >= 0 && *options.threshold <= 1))
      throw Error(Status::usage, "threshold " + std::to_string(*options.threshold) + ", expected 0 to 1");
    settings.threshold = *options.threshold;
  }
  if (options.max_regions) {
    if (*options.max_regions < 0)
      throw Error(Status::usage, "max_regions " + std::to_string(*options.max_regions) + ", expected 0 or more");
    settings.max_regions = *options.max_regions;
  }
  return settings;
}

layers::HostTensor run_segmenter(layers::SegmenterNetwork& network, const screening::NetworkGrid& grid,
                                 const weights::SegmenterSettings& settings, const EngineOptions& options,
                                 const std::function<void(double)>& done) {
  const auto& [d, h, w] = grid.volume.geometry.shape;
  layers::HostTensor input;
  input.shape = {1, d, h, w, 1};
  input.values.reserve(grid.volume.hu.size());
  for (const std::int16_t hu : grid.volume.hu) input.values.push_back(screening::apply_window(hu, settings.hu_window));
  if (options.backend != Backend::cuda)  // whose plans lie on the device
    network.bound_memory(std::max<std::uint64_t>(memory_left(options.memory_bytes) + network.held_bytes(), 1));
  layers::HostTensor head = network.run(input, done);
  if (!screening::is_finite(head))
    throw Error(Status::weights_refused, "the segmenter's layer " + network.first_bad_layer(input) +
                                             " gives values that are not finite: its weights overflow");
  return head;
}

}  // namespace pleura::api
