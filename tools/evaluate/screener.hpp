#pragma once
/// Screens a CT once for an evaluation: one pass of the segmenter, then every classifier on the same regions.
#include <filesystem>

#include "evaluate/record.hpp"
#include "pleura/pleura.hpp"
#include "screening/networks.hpp"

namespace pleura::evaluate {

/// Detection is measured down to this objectness and this many proposals.
inline constexpr double kLowestScore = 0.01;
inline constexpr int kMostProposals = 100;

/// The networks of a weights file: its segmenter, M1 and M2. Throws as pleura::Engine, weights_refused where one lacks.
class Screener {
 public:
  Screener(const std::filesystem::path& weights, const EngineOptions& engine, const ScreenOptions& screen);

  [[nodiscard]] const Setting& setting() const { return setting_; }

  /// Reads and screens a CT and holds it against its truth. Throws what read_ct and Engine::screen throw.
  [[nodiscard]] Record screen(const Entry& entry, const ReadOptions& read, const Progress& progress);

 private:
  EngineOptions engine_;
  screening::Networks networks_;
  weights::SegmenterSettings settings_;
  Setting setting_;
};

}  // namespace pleura::evaluate
