#pragma once
/// The fastest kernel for each layer of a weights file's networks, measured before a CT comes.
#include <filesystem>
#include <string>

#include "pleura/engine_options.hpp"
#include "pleura/export.h"
#include "pleura/scan.hpp"
#include "pleura/volume.hpp"

namespace pleura {

struct TuneOptions {
  /// As the engines are to have them, for which this measures; `tune` need not be set, `classifier` does not count.
  EngineOptions engine;
  std::filesystem::path ct;  ///< whose lungs give the segmenter's input its shape; empty: `shape` is it
  ReadOptions read;
  Index3 shape{128, 112, 160};  ///< (z, y, x), multiples of 16
};

/// Measures what the cache does not hold yet for all networks of the file, and adds it. Returns a table of all layers:
/// the kernel of each, what it would be without tuning, and the times. Throws usage for a shape that cannot be, and
/// what screening throws.
[[nodiscard]] PLEURA_API std::string tune_weights(const std::filesystem::path& weights, const TuneOptions& options = {},
                                                  const Progress& progress = {});

}  // namespace pleura
