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
  std::function<Volume()> read;  ///< timed; again where there are several, then beside other work
  std::function<void()> cold;    ///< does all of it as for the first time, in a process of its own; timed
};

struct BenchOptions {
  EngineOptions engine;
  ScreenOptions screen;
  int warm_up = 1;                ///< runs after the first of a CT and before those that count, 0 to 10000
  int runs = 10;                  ///< that count, of a CT and of all in turn, 1 to 10000 at least
  double seconds = 0;             ///< for which they go on at least, 0 to 86400
  int cold = 0;                   ///< cold starts of each CT, 0 to 10000
  std::filesystem::path against;  ///< the JSON of an earlier benchmark to be compared with; empty: none
  double tolerance = 0.1;         ///< by which the median and the least time may both be longer, >= 0
  std::filesystem::path json;     ///< file to write, whole or not at all; empty: none
};

struct Bench {
  std::string table, json;  ///< as readable text; docs/bench.schema.json
  bool slower = false;      ///< than `against` by more than the tolerance, with a CT that both have
};

/// Loads the networks once and screens each CT; where there are several, then all in turn. Throws usage for numbers
/// that cannot be and where `against` is no benchmark, or one without a CT in common; all else as Engine and
/// write_result do.
[[nodiscard]] PLEURA_API Bench bench_weights(const std::filesystem::path& weights, const std::vector<BenchCt>& cts,
                                             const BenchOptions& options = {}, const Progress& progress = {});

/// As readable text, by rising time; docs/sweep.schema.json.
struct Sweep {
  std::string table, json;
};

/// Screens the CTs with each configuration (compare.hpp) of the precisions, kernels and numbers of threads that
/// engine.device has, one after the other, the plainest first: fp32, pleura's own kernels, all threads. Recommends the
/// fastest whose decisions are the first one's. Of the options `against`, `cold`, engine.precision and engine.kernels
/// do not count. Throws as bench_weights; what only another than the first configuration fails by is told of it.
[[nodiscard]] PLEURA_API Sweep sweep_configurations(const std::filesystem::path& weights,
                                                    const std::vector<BenchCt>& cts, const BenchOptions& options = {},
                                                    const Progress& progress = {});

}  // namespace pleura
