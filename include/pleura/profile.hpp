#pragma once
/// What each layer of a weights file's networks costs on a machine (docs/profile.md).
#include <filesystem>
#include <optional>
#include <string>

#include "pleura/engine_options.hpp"
#include "pleura/export.h"
#include "pleura/scan.hpp"
#include "pleura/volume.hpp"

namespace pleura {

struct ProfileOptions {
  /// Of which memory_bytes also bounds the arrays by which the machine's bandwidth is measured.
  EngineOptions engine;
  /// The CT that goes through the whole pipeline and whose voxels the networks then see; empty: none, the networks see
  /// noise, and `classifier`'s is the pass of 96 patches.
  std::filesystem::path ct;
  ReadOptions read;
  Index3 shape{128, 112, 160};           ///< of the segmenter's input (z, y, x) where there is no CT: multiples of 16
  std::optional<Classifier> classifier;  ///< this one alone, not all of the file; engine.classifier does not count
  int runs = 10;                         ///< that count, 1 to 10000
  /// Files to write, whole or not at all, replacing earlier ones; empty: none.
  std::filesystem::path csv, json, trace, html;
};

/// As readable text and as JSON (docs/profile.schema.json).
struct Profile {
  std::string table, json;
};

/// Times each layer, and with a CT each stage, and measures what the device can do at most. Throws usage for a shape or
/// a number of runs that cannot be, weights_refused also where a layer gives values that are not finite, input_refused
/// and resources as reading and screening do; resources where a file could not be written, before any work where that
/// can be told.
[[nodiscard]] PLEURA_API Profile profile_weights(const std::filesystem::path& weights,
                                                 const ProfileOptions& options = {}, const Progress& progress = {});

}  // namespace pleura
