#pragma once
/// Runs a whole network on fp32 tensors in host memory: what screening/ and the tests call.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pleura/pleura.hpp"
#include "weights/model.hpp"

namespace pleura::layers {

/// A dense NDHWC tensor of floats in host memory. Images have depth 1.
struct HostTensor {
  std::array<std::int64_t, 5> shape{};  ///< (n, d, h, w, c)
  std::vector<float> values;
};

/// Figures of a plan.
struct PlanFigures {
  std::int64_t macs = 0;           ///< multiply-accumulates of one pass
  std::uint64_t arena_bytes = 0;   ///< activations and workspace
  std::uint64_t weight_bytes = 0;  ///< packed weights
  std::int64_t slabs = 1;          ///< of the full-resolution stage
};

/// The segmenter on one backend. Keeps one plan per input shape. Throws Error(resources) with the figure it needs where
/// EngineOptions::memory_bytes cannot hold a plan; whatever the bound, results are bit for bit equal.
class SegmenterNetwork {
 public:
  SegmenterNetwork(const weights::Segmenter& segmenter, const EngineOptions& options);
  ~SegmenterNetwork();
  SegmenterNetwork(SegmenterNetwork&&) noexcept;
  SegmenterNetwork& operator=(SegmenterNetwork&&) noexcept;

  /// Sizes (z, y, x) must be multiples of 16. input: (1, d, h, w, 1). Returns logits: RPN (1, d/4, h/4, w/4, A*(5+K)),
  /// mask head (1, d, h, w, 2).
  [[nodiscard]] HostTensor run(const HostTensor& input);
  [[nodiscard]] PlanFigures figures(const Index3& shape);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The classifier on one backend.
class ClassifierNetwork {
 public:
  ClassifierNetwork(const weights::Classifier& classifier, const EngineOptions& options);
  ~ClassifierNetwork();
  ClassifierNetwork(ClassifierNetwork&&) noexcept;
  ClassifierNetwork& operator=(ClassifierNetwork&&) noexcept;

  /// patches: (n, 1, 60, 60, 3), any n, in one batch; distances: n values as the network sees them (already scaled and
  /// shifted; empty for M1). Returns logits (n, 1, 1, 1, 3).
  [[nodiscard]] HostTensor run(const HostTensor& patches, const std::vector<float>& distances);
  [[nodiscard]] PlanFigures figures(std::int64_t patches);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pleura::layers
