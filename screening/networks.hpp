#pragma once
/// The networks of a weights file, ready to run, and the settings that come with them.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "layers/inference.hpp"
#include "pleura/engine_options.hpp"
#include "weights/model.hpp"

namespace pleura::screening {

/// What a weights file says, without its tensors, and its networks on one device.
struct Networks {
  weights::Model model;  ///< its tensors are gone: the networks hold their own
  kernels::OpenDevice device;
  layers::SegmenterNetwork segmenter;
  std::map<std::string, layers::ClassifierNetwork> classifiers;  ///< "m1", "m2": those that were asked for
  std::shared_ptr<layers::Tuner> tuner;                          ///< nullptr: the model chooses kernels
};

/// "m1", "m2"; "fp32", "bf16", "fp16".
[[nodiscard]] const char* name_of(Classifier classifier);
[[nodiscard]] const char* name_of(Precision precision);

/// What networks run on, of an engine's options. `tuner`: as open_tuner gives it for the device that they are on.
[[nodiscard]] layers::Options network_options(const EngineOptions& options,
                                              std::shared_ptr<layers::Tuner> tuner = nullptr);

/// Chooses kernels by measurement, where the options ask for it; else nullptr. Tells options.note what the cache was
/// good for. Throws usage where its place is unknown or holds something other than a file.
[[nodiscard]] std::shared_ptr<layers::Tuner> open_tuner(const EngineOptions& options,
                                                        const kernels::OpenDevice& device);

/// The device of an engine's options. Throws as kernels::open_device, and where cuDNN is wanted and cannot
/// be had as OpenDevice::require_cudnn.
[[nodiscard]] kernels::OpenDevice open_device(const EngineOptions& options);

/// Reads and builds the segmenter and these classifiers, to run as `options` say. Throws weights_refused naming what
/// the file lacks, resources where memory or the device is missing, usage where that lacks the precision.
[[nodiscard]] Networks load_networks(const std::filesystem::path& file, const EngineOptions& options,
                                     const std::vector<Classifier>& classifiers);

/// A file's settings with what one screening overrides. Throws usage where a value is out of its range.
[[nodiscard]] weights::SegmenterSettings merge_settings(weights::SegmenterSettings settings,
                                                        const ScreenOptions& options);

}  // namespace pleura::screening
