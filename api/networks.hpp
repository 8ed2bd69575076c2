#pragma once
/// The networks of a weights file, ready to run, and the one way from a grid to candidates that screening and
/// extraction share.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "layers/inference.hpp"
#include "pleura/pleura.hpp"
#include "screening/candidates.hpp"
#include "screening/sampling.hpp"
#include "weights/model.hpp"

namespace pleura::api {

/// What a weights file says, without its tensors, and its networks on one backend.
struct Networks {
  weights::Model model;  ///< its tensors are gone: the networks hold their own
  layers::SegmenterNetwork segmenter;
  std::optional<layers::ClassifierNetwork> classifier;
};

/// "m1", "m2".
[[nodiscard]] const char* name_of(Classifier classifier);

/// Throws resources unless the lungs of a volume that is there already can be found under the bound.
void require_lungs_memory(const Volume& volume, const EngineOptions& options);

/// Reads and builds the segmenter and, where wanted, the classifier that `options` names. Throws weights_refused naming
/// what the file lacks.
[[nodiscard]] Networks load_networks(const std::filesystem::path& file, const EngineOptions& options,
                                     bool with_classifier);

/// A file's settings with what one screening overrides. Throws usage where a value is out of its range.
[[nodiscard]] weights::SegmenterSettings merge_settings(weights::SegmenterSettings settings,
                                                        const ScreenOptions& options);

/// Windows the grid and runs the segmenter on it: the head's logits. `done` hears what share is done. Plans get what
/// `options` leave beside all else that the process holds.
[[nodiscard]] layers::HostTensor run_segmenter(layers::SegmenterNetwork& network, const screening::NetworkGrid& grid,
                                               const weights::SegmenterSettings& settings, const EngineOptions& options,
                                               const std::function<void(double)>& done);

}  // namespace pleura::api
