#pragma once
/// pleura screens a chest CT for pneumonia: read a CT, load weights, screen, write the result. Research use only.
///
/// Units are mm, Hounsfield units, litres and seconds; see volume.hpp for orders and orientations. Functions throw
/// pleura::Error. Values returned own their memory. Free functions may be called from any thread at once; one Engine
/// serves one thread at a time.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pleura/error.hpp"
#include "pleura/report.hpp"
#include "pleura/result.hpp"
#include "pleura/text.hpp"
#include "pleura/volume.hpp"

namespace pleura {

/// Called as work proceeds, from the thread that called pleura: a stage's name and how much of it is done, 0 to 1.
using Progress = std::function<void(std::string_view stage, double done)>;

[[nodiscard]] const char* version();

// ---- scan: a CT in ------------------------------------------------------------------------------------------------

/// How to read a CT.
struct ReadOptions {
  std::string series_uid;  ///< this series, by SeriesReport's uid or path, not the one the rules choose
  /// Image stacks: the HU of black and of white, and the spacing (z, y, x) in mm; all three or the stack is refused.
  std::optional<double> window_low, window_high;
  std::optional<std::array<double, 3>> spacing;
  int threads = 0;  ///< decoding threads; 0: one per core
  /// Bound on the memory of the whole process while a CT is read; 0: three quarters of what the machine, its cgroup
  /// and the resource limits allow.
  std::uint64_t memory_bytes = 0;
};

/// One series found at a path, usable or not.
struct SeriesReport {
  std::string uid;             ///< DICOM: SeriesInstanceUID; of a part of a series `UID#part`; other formats: `path`
  std::filesystem::path path;  ///< relative to the path given: the file, or the folder that holds all files
  std::string description, modality, format;  ///< format: "DICOM", "NIfTI", "MetaImage", "NRRD", "image stack"
  std::string kernel;                         ///< DICOM: ConvolutionKernel
  std::int64_t files = 0;
  std::optional<Geometry> geometry;  ///< absent where the series is refused
  std::string refused;               ///< why it cannot be screened; empty where it can
  bool chosen = false;
  std::string why;  ///< the rule by which it was chosen or passed over
};

/// A file that could not be used, and why.
struct RefusedFile {
  std::filesystem::path path;
  std::string why;
};

/// Everything found at a path.
struct ScanReport {
  std::vector<SeriesReport> series;
  std::vector<RefusedFile> refused_files;
  std::vector<std::string> warnings;
};

/// What lies at a path (a folder or a file), without decoding the voxels of series that are not chosen.
/// Throws input_refused only where there is nothing that pleura could read, resources where the chosen series takes
/// more than ReadOptions::memory_bytes.
[[nodiscard]] ScanReport scan_ct(const std::filesystem::path& path, const ReadOptions& options = {});

/// The CT at a path, checked, in HU, turned to one orientation. `report`, if given, gets what scan_ct would say. What
/// it takes is reckoned from headers: throws resources, naming the figures, where that is more than memory_bytes.
[[nodiscard]] Volume read_ct(const std::filesystem::path& path, const ReadOptions& options = {},
                             ScanReport* report = nullptr);

// ---- screening ----------------------------------------------------------------------------------------------------

/// Of the segmenter: the CPU has fp32 and bf16, CUDA fp32 and fp16. The classifier costs milliseconds and runs in fp32.
enum class Precision { fp32, bf16, fp16 };
enum class Classifier { m1, m2 };  ///< without and with the distance-from-edge (paper 2.5.2)
/// reference: the naive specification, slow, for checks. cuda: the networks run on the current CUDA device.
enum class Backend { cpu, reference, cuda };

/// What an Engine runs on.
struct EngineOptions {
  Backend backend = Backend::cpu;
  Precision precision = Precision::fp32;
  Classifier classifier = Classifier::m2;
  int threads = 0;  ///< 0: one per core
  /// Bound on the memory of the whole process, the CT included; never changes a result. 0: as ReadOptions has it. On
  /// cuda it bounds the networks' memory on the device too; 0: what the device has.
  std::uint64_t memory_bytes = 0;
};

/// What one screening may override of the weights file.
struct ScreenOptions {
  std::optional<double> threshold;  ///< objectness 0..1 below which a proposal is dropped
  std::optional<int> max_regions;   ///< best proposals kept
};

/// Networks with their weights, planned for a device; plans are kept for the next CT of the same shape. It does not
/// outlive a fork(): a child makes its own, whose layers of oneDNN run on one thread where the parent had used pleura.
class Engine {
 public:
  /// Throws resources where the machine or this build lacks the device, usage where it lacks the precision.
  explicit Engine(const std::filesystem::path& weights, const EngineOptions& options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Screens one CT. Throws input_refused where no lungs are found, resources where memory_bytes is too small, usage in
  /// a child of the process that made the engine.
  [[nodiscard]] Screening screen(Volume volume, const ScreenOptions& options = {}, const Progress& progress = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// ---- weights and training -----------------------------------------------------------------------------------------

/// What a weights file holds, as readable text; with a network shape (z, y, x) also the memory plan and FLOPs for it.
[[nodiscard]] std::string inspect_weights(const std::filesystem::path& weights,
                                          const std::optional<Index3>& shape = std::nullopt, bool as_json = false);

/// Random He-scaled weights of a whole model (docs/weights-format.md): the same bytes for the same seed everywhere.
struct RandomWeights {
  std::string architecture = "vnet-ir-rpn";  ///< vnet, vnet-monai, vnet-rpn, vnet-ir-rpn, classifier-m1, classifier-m2
  std::uint64_t seed = 0;
  std::vector<std::int64_t> channels;  ///< empty: the paper's 16, 32, 64, 128, 256
  bool fp16 = false;                   ///< store half precision
};
void write_random_weights(const RandomWeights& what, const std::filesystem::path& file, const Progress& progress = {});

/// What training reads (docs/extract-format.md): the voxels that inference sees.
struct ExtractOptions {
  std::filesystem::path weights;  ///< proposals by this file's segmenter, and its settings; empty: defaults, none
  std::filesystem::path boxes;    ///< JSON with boxes in mm (a phantom's truth.json) to cut patches from; may be empty
  double field_mm = 0;            ///< side of a patch, 1 to 1000; 0: as the weights have it, or the default
  EngineOptions engine;
  ScreenOptions screen;
};
void extract_ct(const Volume& volume, const std::filesystem::path& file, const ExtractOptions& options = {},
                const Progress& progress = {});

}  // namespace pleura
