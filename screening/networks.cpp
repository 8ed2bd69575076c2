#include "screening/networks.hpp"

#include <future>
#include <utility>

#include "pleura/error.hpp"
#include "runtime/memory.hpp"

namespace pleura::screening {
namespace {

/// "m1, m2", or what else a file holds.
std::string names(const std::map<std::string, weights::Classifier>& classifiers) {
  std::string list;
  for (const auto& [name, classifier] : classifiers) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

/// What a network is made of; its tensors, which no one needs twice, are gone from where it was.
template <class Network>
Network taken_from(Network& network) {
  return {network.hyper, network.settings, std::exchange(network.tensors, {})};
}

}  // namespace

const char* name_of(Classifier classifier) { return classifier == Classifier::m1 ? "m1" : "m2"; }

const char* name_of(Precision precision) {
  return precision == Precision::fp32 ? "fp32" : precision == Precision::bf16 ? "bf16" : "fp16";
}

layers::Options network_options(const EngineOptions& options, std::shared_ptr<layers::Tuner> tuner) {
  layers::Options made;
  made.activations = options.precision == Precision::fp32   ? runtime::DType::f32
                     : options.precision == Precision::bf16 ? runtime::DType::bf16
                                                            : runtime::DType::f16;
  made.memory_bytes = options.memory_bytes;
  made.kernels = options.kernels;
  made.tuner = std::move(tuner);
  return made;
}

std::shared_ptr<layers::Tuner> open_tuner(const EngineOptions& options, const kernels::OpenDevice& device) {
  if (!options.tune) return nullptr;
  auto tuner = std::make_shared<layers::Tuner>(
      layers::TuningCache(layers::tuning_file(options.tune_cache), layers::tuning_scope(device, options.kernels)));
  if (options.note) options.note("tuning " + tuner->cache().file().string() + ": " + tuner->state());
  return tuner;
}

kernels::OpenDevice open_device(const EngineOptions& options) {
  kernels::OpenDevice device = kernels::open_device(options.device, options.threads);
  if (options.kernels == Kernels::cudnn) device.require_cudnn();
  return device;
}

Networks load_networks(const std::filesystem::path& file, const EngineOptions& options,
                       const std::vector<Classifier>& classifiers) {
  std::error_code absent;  // which reading tells
  if (const auto bytes = std::filesystem::file_size(file, absent); !absent)
    require_memory(2 * bytes, options.memory_bytes, file.string(), "load the networks");
  // A GPU takes tenths of a second to open, on this thread, whose current one it may be to be. A CPU takes nothing.
  const auto when = options.device == "cpu" ? std::launch::deferred : std::launch::async | std::launch::deferred;
  std::future<weights::Model> reading = std::async(when, [&] { return weights::read_model(file, options.threads); });
  kernels::OpenDevice device = open_device(options);
  weights::Model model = reading.get();
  if (!model.segmenter)
    throw Error(Status::weights_refused,
                file.string() + ": no /segmenter, expected one: the file is for classifiers alone");
  std::shared_ptr<layers::Tuner> tuner = open_tuner(options, device);
  const layers::Options on = network_options(options, tuner);
  std::map<std::string, layers::ClassifierNetwork> networks;
  for (const Classifier classifier : classifiers) {
    const std::string name = name_of(classifier);
    const auto found = model.classifiers.find(name);
    if (found == model.classifiers.end())
      throw Error(Status::weights_refused, file.string() + ": no /classifiers/" + name +
                                               ", expected it; classifiers found: " + names(model.classifiers));
    networks.try_emplace(name, taken_from(found->second), device, on);
  }
  layers::SegmenterNetwork segmenter = [&] {
    try {
      return layers::SegmenterNetwork(taken_from(*model.segmenter), device, on);
    } catch (const Error& error) {
      if (error.status() != Status::weights_refused) throw;
      throw Error(Status::weights_refused, file.string() + ": /segmenter: " + error.what());
    }
  }();
  for (auto& [name, one] : model.classifiers) one.tensors.clear();
  return {std::move(model), std::move(device), std::move(segmenter), std::move(networks), std::move(tuner)};
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

}  // namespace pleura::screening
