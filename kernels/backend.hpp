#pragma once
/// A backend is what one kind of device can do: a list of variants for each operation. A plan is made for one backend.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kernels/conversion.hpp"
#include "kernels/convolution.hpp"
#include "kernels/deconvolution.hpp"
#include "kernels/peaks.hpp"
#include "kernels/pooling.hpp"
#include "runtime/device.hpp"

namespace pleura::kernels {

class Instrument;

struct Backend {
  const char* name;
  /// Types that its networks compute in.
  std::span<const runtime::DType> activations;
  /// What its steps run on, with that many CPU threads: the device of that index, where a machine may have several.
  /// Throws Error(resources) where the machine has none.
  std::unique_ptr<runtime::Device> (*open)(std::optional<int> index, int threads);
  bool may_be_several;  ///< devices of this kind in a machine
  /// Queues a conversion of tensors in the device's memory.
  void (*convert)(const void* input, void* output, const Conversion& operation, const runtime::Stream& stream);
  /// What volumes are worked on with, on one of its devices.
  std::unique_ptr<Instrument> (*instrument)(runtime::Device& device);
  std::span<const ConvolutionVariant> convolutions;
  std::span<const DeconvolutionVariant> deconvolutions;
  std::span<const PoolingVariant> poolings;
  MeasurePeaks peaks;
  std::string (*libraries)();  ///< what it is built for or linked to that its variants' speed depends on; or nullptr
  int (*count)() = nullptr;    ///< devices of this kind that the machine has; where they may be several
  int cuda = 0;                ///< the major version of CUDA that it is built for; 0: none
  /// Why its vendor's variants support nothing on a device that the calling thread is bound to, in one line; empty
  /// where they may. nullptr where there are none such.
  std::string (*why_no_cudnn)(const runtime::Device& device) = nullptr;
};

/// The specification: naive, sums in double, for every type and shape.
[[nodiscard]] const Backend& reference_backend();

/// Our own kernels for each instruction set (cpu/README.md), and the reference where none serves.
[[nodiscard]] const Backend& cpu_backend();

/// Hand-written CUDA kernels (cuda/README.md), each where the current device has what it needs. Only in builds with
/// CUDA.
[[nodiscard]] const Backend& cuda_backend();

/// All of this build.
[[nodiscard]] std::span<const Backend* const> backends();

/// A device, shared by all that lives on it, and the kernels for it.
struct OpenDevice {
  const Backend& backend;
  std::shared_ptr<runtime::Device> device;
  std::string why;  ///< the CPU was taken in place of a GPU; empty where nothing was to choose

  /// Throws Error naming the device and the reason where cuDNN cannot be had there: usage on the CPU, else resources.
  void require_cudnn() const;

  /// For volumes. Ends before the device does.
  [[nodiscard]] std::unique_ptr<Instrument> instrument() const;
};

/// Opens a device by its name: "cpu", "reference", "cuda" (the calling thread's current CUDA device), "cuda:1"; "auto":
/// as "cuda" where there is one that can be used, else the CPU.
/// `threads` of the CPU, 0: one per core. Throws Error(usage) for what is no name of a device, Error(resources) where
/// this machine or this build has none such.
[[nodiscard]] OpenDevice open_device(std::string_view name, int threads);

}  // namespace pleura::kernels
