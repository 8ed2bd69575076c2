#pragma once
/// How long CTs take from their voxels to their results, over and over (docs/profile.md).
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pleura/engine_options.hpp"
#include "pleura/export.h"
#include "pleura/volume.hpp"

namespace pleura {

/// A CT to be screened again and again.
struct BenchCt {
  std::string name;              ///< by which it is found in an earlier benchmark
  std::function<Volume()> read;  ///< called once, and timed
};

struct BenchOptions {
  EngineOptions engine;
  ScreenOptions screen;
  int warm_up = 1;                ///< runs after the first of a CT and before those that count, 0 to 10000
  int runs = 10;                  ///< that count, 1 to 10000
  std::filesystem::path against;  ///< the JSON of an earlier benchmark to be compared with; empty: none
  double tolerance = 0.1;         ///< by which the median and the least time may both be longer, >= 0
  std::filesystem::path json;     ///< file to write, whole or not at all; empty: none
};

struct Bench {
  std::string table, json;  ///< as readable text; docs/bench.schema.json
  bool slower = false;      ///< than `against` by more than the tolerance, with a CT that both have
};

/// Loads the networks once and screens each CT. Throws usage for numbers that cannot be and where `against` is no
/// benchmark, or one without a CT in common; all else as Engine and write_result do.
[[nodiscard]] PLEURA_API Bench bench_weights(const std::filesystem::path& weights, const std::vector<BenchCt>& cts,
                                             const BenchOptions& options = {}, const Progress& progress = {});

}  // namespace pleura
