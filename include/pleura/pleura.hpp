#pragma once
/// pleura screens a chest CT for pneumonia: read a CT (scan.hpp), load weights, screen, write the result. Research use
/// only. The headers included here hold what this one speaks of; each can be had alone.
///
/// Units are mm, Hounsfield units, litres and seconds; see volume.hpp for orders and orientations. Functions throw
/// pleura::Error. Values returned own their memory. Free functions may be called from any thread at once; one Engine
/// serves one thread at a time.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pleura/bench.hpp"
#include "pleura/compare.hpp"
#include "pleura/engine_options.hpp"
#include "pleura/error.hpp"
#include "pleura/export.h"
#include "pleura/profile.hpp"
#include "pleura/report.hpp"
#include "pleura/result.hpp"
#include "pleura/scan.hpp"
#include "pleura/text.hpp"
#include "pleura/tune.hpp"
#include "pleura/volume.hpp"
#include "pleura/weights.hpp"

namespace pleura {

[[nodiscard]] PLEURA_API const char* version();

// ---- screening ----------------------------------------------------------------------------------------------------

/// Networks with their weights, planned for a device; plans are kept for the next CT of the same shape. It does not
/// outlive a fork(): a child makes its own, whose layers of oneDNN run on one thread where the parent had used pleura.
class Engine {
 public:
  /// Throws resources where the machine or this build lacks the device, or the cuDNN that is asked for; usage where the
  /// device lacks the precision, or is none for cuDNN.
  PLEURA_API explicit Engine(const std::filesystem::path& weights, const EngineOptions& options = {});
  PLEURA_API ~Engine();
  PLEURA_API Engine(Engine&&) noexcept;
  PLEURA_API Engine& operator=(Engine&&) noexcept;

  /// Where "auto" took the CPU, why, in one line; else empty.
  [[nodiscard]] PLEURA_API const std::string& device_note() const;

  /// Whether its device was lost, as a GPU is by some errors: neither it nor another engine of this process screens
  /// there any more.
  [[nodiscard]] PLEURA_API bool is_lost() const;

  /// Screens one CT. Throws input_refused where no lungs are found, resources where memory_bytes is too small, usage in
  /// a child of the process that made the engine.
  [[nodiscard]] PLEURA_API Screening screen(Volume volume, const ScreenOptions& options = {},
                                            const Progress& progress = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The CPU, each GPU, NVIDIA's libraries, and what pleura would run on each, as readable text or as JSON
/// (docs/devices.schema.json). What is not there, or cannot be used, is named with the reason.
[[nodiscard]] PLEURA_API std::string describe_devices(bool as_json = false);

// ---- weights and training -----------------------------------------------------------------------------------------

/// What a weights file holds, as readable text; with a network shape (z, y, x) also FLOPs, the memory plan and the
/// kernel of each layer, on the device and in the precision of an engine with these options, within their memory_bytes.
[[nodiscard]] PLEURA_API std::string inspect_weights(const std::filesystem::path& weights,
                                                     const std::optional<Index3>& shape = std::nullopt,
                                                     bool as_json = false, const EngineOptions& options = {});

/// Writes a model of random weights. This and extract_ct throw resources where pleura was built without writing HDF5.
PLEURA_API void write_random_weights(const RandomWeights& what, const std::filesystem::path& file,
                                     const Progress& progress = {});

/// What training reads (docs/extract-format.md): the voxels that inference sees.
struct ExtractOptions {
  std::filesystem::path weights;  ///< proposals by this file's segmenter, and its settings; empty: defaults, none
  std::filesystem::path boxes;    ///< JSON with boxes in mm (a phantom's truth.json) to cut patches from; may be empty
  double field_mm = 0;            ///< side of a patch, 1 to 1000; 0: as the weights have it, or the default
  EngineOptions engine;
  ScreenOptions screen;
};
PLEURA_API void extract_ct(const Volume& volume, const std::filesystem::path& file, const ExtractOptions& options = {},
                           const Progress& progress = {});

}  // namespace pleura
