#pragma once
/// What one configuration makes of a CT, as far as two are compared.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "layers/inference.hpp"
#include "pleura/engine_options.hpp"
#include "pleura/result.hpp"
#include "weights/model.hpp"

namespace pleura::api {

struct Side {
  std::string configuration;  ///< configuration_words
  std::string device, note;   ///< as it was opened; why "auto" took the CPU
  std::string weights_sha256;
  std::vector<std::uint8_t> lungs;  ///< a label a voxel of the CT
  layers::HostTensor head;          ///< the segmenter's logits
  weights::VNetHyper hyper;         ///< how the head is read
  double threshold = 0;             ///< of a proposal, as a logit
  std::vector<Region> regions;      ///< in the order of the proposals, best first
  /// The proposal that would have come next, as a logit; absent with a mask head, or where there is none.
  std::optional<double> next_proposal;
  CaseResult case_result;
};

/// Throws as Engine does, naming the configuration, where its device, or cuDNN there, cannot be had.
void require_device(const EngineOptions& options);

/// Loads the networks and screens. Throws as Engine does; what is not the CT's fault names the configuration.
[[nodiscard]] Side screen_side(const std::filesystem::path& weights, const Volume& volume, const EngineOptions& options,
                               const ScreenOptions& overrides, const Progress& progress);

}  // namespace pleura::api
