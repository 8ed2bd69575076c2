#pragma once
/// Runs a whole network: on what was put into its input, in the device's memory, or on fp32 tensors in host memory.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "layers/figures.hpp"
#include "layers/options.hpp"
#include "layers/profile.hpp"
#include "pleura/volume.hpp"
#include "weights/model.hpp"

namespace pleura::layers {

/// A dense NDHWC tensor of floats in host memory. Images have depth 1.
struct HostTensor {
  std::array<std::int64_t, 5> shape{};  ///< (n, d, h, w, c)
  std::vector<float> values;
};

/// The segmenter on one device. Keeps the plans of the last two input shapes. Options::memory_bytes bounds a plan's
/// arena and packed weights: throws Error(resources) with the figure it needs where that cannot hold it; whatever the
/// bound, results are bit for bit equal.
class SegmenterNetwork {
 public:
  /// Throws Error(usage) where the device does not compute in that precision, Error(weights_refused) where it is fp16
  /// and a layer's weights, its norm folded in, pass that.
  SegmenterNetwork(weights::Segmenter segmenter, const kernels::OpenDevice& device, const Options& options = {});
  ~SegmenterNetwork();
  SegmenterNetwork(SegmenterNetwork&&) noexcept;
  SegmenterNetwork& operator=(SegmenterNetwork&&) noexcept;

  /// Where an input of that shape goes, (1, d, h, w, 1) on the device, until the next call for another. Sizes (z, y, x)
  /// must be multiples of 16.
  [[nodiscard]] runtime::TensorView input(const Index3& shape);

  /// Runs on what lies there, which it may overwrite. Returns logits on the device, in fp32, until the next call: RPN
  /// (1, d/4, h/4, w/4, A*(5+K)), mask head (1, d, h, w, 2). `done`, if given, hears now and then what share of the
  /// pass is done; what it throws ends the pass.
  [[nodiscard]] runtime::TensorView run(const Index3& shape, const std::function<void(double)>& done = {});

  /// The same on values of the host, (1, d, h, w, 1).
  [[nodiscard]] HostTensor run(const HostTensor& input);
  [[nodiscard]] PlanFigures figures(const Index3& shape);

  /// Times its layers.
  [[nodiscard]] NetworkProfile profile(const Index3& shape, const ProfiledRuns& runs = {});

  /// Another bound than Options::memory_bytes for the plans of the runs to come; 0: none. Kept plans count as what they
  /// take: held_bytes().
  void bound_memory(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t held_bytes() const;

  /// Frees the plans; the next run makes its own again.
  void give_up_plans();

  /// The first layer that gives NaN or infinity on what lies in the input; empty where all are finite.
  [[nodiscard]] std::string first_bad_layer(const Index3& shape);
  [[nodiscard]] std::string first_bad_layer(const HostTensor& input);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The classifier on one device. A patch's logits do not depend on the other patches. Runs in fp32 whatever
/// Options::activations says: less would save milliseconds; on random weights bf16 costs 3 % of the logits, fp16 0.2 to
/// 0.6 %.
class ClassifierNetwork {
 public:
  ClassifierNetwork(weights::Classifier classifier, const kernels::OpenDevice& device, const Options& options = {});
  ~ClassifierNetwork();
  ClassifierNetwork(ClassifierNetwork&&) noexcept;
  ClassifierNetwork& operator=(ClassifierNetwork&&) noexcept;

  /// Puts patches first, first + 1, ... into a tensor (n, 1, 60, 60, 3) on the device; what lies beyond the last patch
  /// is to be finite.
  using Fill = std::function<void(std::int64_t first, const runtime::TensorView& patches)>;

  /// `count` patches, batch by batch; distances: `count` values as the network sees them (already scaled and shifted;
  /// empty for M1). Returns logits (count, 1, 1, 1, 3).
  [[nodiscard]] HostTensor run(std::int64_t count, const Fill& fill, const std::vector<float>& distances);

  /// The same on values of the host, (n, 1, 60, 60, 3).
  [[nodiscard]] HostTensor run(const HostTensor& patches, const std::vector<float>& distances);
  /// Of the pass that so many patches, or the first of them, go through; multiply-accumulates of all of them.
  [[nodiscard]] PlanFigures figures(std::int64_t patches);

  /// Times the layers in the pass that so many patches, or the first of them, go through.
  [[nodiscard]] NetworkProfile profile(std::int64_t patches, const ProfiledRuns& runs = {});

  /// Patches of one pass; the last one is filled up with zeros. A GPU takes all that a CT has by default in one.
  static constexpr std::int64_t batch = 24, gpu_batch = 96;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pleura::layers
