#pragma once
/// What a caller chooses for a screening, and hears while it runs.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pleura {

/// Called as work proceeds, from the thread that called pleura: a stage's name and how much of it is done, 0 to 1.
using Progress = std::function<void(std::string_view stage, double done)>;

/// Of the segmenter: the CPU has fp32 and bf16, CUDA fp32 and fp16. The classifier costs milliseconds and runs in fp32.
enum class Precision { fp32, bf16, fp16 };
enum class Classifier { m1, m2 };  ///< without and with the distance-from-edge (paper 2.5.2)

/// Which kernels do the layers of the networks: pleura's own; NVIDIA's cuDNN and cuBLASLt on a CUDA device, where they
/// have a way for the layer; or the one that is thought to be faster, where they can be had.
enum class Kernels { native, cudnn, any };

/// What an Engine runs on.
struct EngineOptions {
  /// "cpu"; "reference": the naive specification, slow, for checks; "cuda": all runs on the CUDA device that is the
  /// current one as the engine is made; "cuda:1": on that of this number; "auto": as "cuda" where a GPU can be used,
  /// else "cpu" (Engine::device_note).
  std::string device = "cpu";
  Precision precision = Precision::fp32;
  Classifier classifier = Classifier::m2;
  int threads = 0;  ///< 0: one per core
  /// Bound on the memory of the whole process, the CT included; never changes a result. 0: as ReadOptions has it. On
  /// cuda it bounds the networks' memory on the device too; 0: what the device has.
  std::uint64_t memory_bytes = 0;
  /// With cudnn the networks run whole or not at all: cuDNN gives a voxel other bits in a slab. An engine is refused
  /// where it is wanted and cannot be had.
  Kernels kernels = Kernels::native;
  /// Variants of kernels by measurement on this device in place of a model of their cost: each layer's are timed once
  /// and the choice is kept in tune_cache, so that results are bit for bit equal as long as that stays. It holds for
  /// the device, the number of threads, the build of pleura, the libraries, the layer's shape, precision and `kernels`;
  /// what it lacks is measured and added, and where it is damaged or for others it is made anew. An engine is refused
  /// (usage) where no place for it is known, a CT (resources) where it cannot be written.
  bool tune = false;
  /// The file; empty: tuning.json in $PLEURA_CACHE, $XDG_CACHE_HOME/pleura or $HOME/.cache/pleura.
  std::filesystem::path tune_cache = {};
  /// Hears lines that a user may want to read, without an end of line, as networks are loaded: "tuning FILE: reused" or
  /// "tuning FILE: rebuilt because ...".
  std::function<void(const std::string& line)> note = {};
};

/// What one screening may override of the weights file.
struct ScreenOptions {
  std::optional<double> threshold;  ///< objectness 0..1 below which a proposal is dropped
  std::optional<int> max_regions;   ///< best proposals kept
  bool lungs = true;                ///< whether Screening::lungs is wanted: on a GPU it has to come down
};

}  // namespace pleura
