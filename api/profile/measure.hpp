#pragma once
/// What a profile measures, before it is written down.
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "kernels/peaks.hpp"
#include "kernels/vendor/nvml.hpp"
#include "layers/figures.hpp"
#include "pleura/profile.hpp"

namespace pleura::api {

/// A network on one input.
struct ProfiledNetwork {
  std::string name;       ///< "segmenter", "classifiers/m2"
  std::string precision;  ///< "fp32"
  runtime::Shape input;
  kernels::Peaks peaks;           ///< of the device in that precision
  kernels::vendor::GpuState gpu;  ///< while it ran
  layers::NetworkProfile profile;
};

/// A stage of the pipeline.
struct ProfiledStage {
  std::string name;
  double first_seconds = 0;     ///< of the first run, which plans
  std::vector<double> seconds;  ///< of the runs that count
};

/// A piece of work on the host's clock, for the trace.
struct Span {
  std::string name, category;
  std::chrono::steady_clock::time_point start;
  double seconds = 0;
};

struct Measured {
  std::string weights, weights_sha256, weights_name;
  std::string device, model;  ///< "cuda:0", "NVIDIA H200"
  int threads = 0;
  int runs = 0;
  std::string ct;                               ///< path as given; empty: noise
  std::string sensors;                          ///< why a GPU's clock, heat and power were not read
  std::string note;                             ///< why the CPU was taken in place of a GPU
  std::chrono::steady_clock::time_point begin;  ///< of it all
  std::vector<ProfiledNetwork> networks;
  std::vector<ProfiledStage> stages;  ///< with a CT
  std::vector<Span> spans;            ///< in the order of their starts
};

/// profile_weights without its files.
[[nodiscard]] Measured measure(const std::filesystem::path& weights, const ProfileOptions& options,
                               const Progress& progress);

}  // namespace pleura::api
