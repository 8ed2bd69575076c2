#pragma once
/// Which of the variants that could do a layer is the fastest, measured once and then kept.
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/backend.hpp"
#include "layers/tuning/cache.hpp"
#include "pleura/engine_options.hpp"

namespace pleura::layers {

/// A layer and what could do it.
struct Question {
  std::string layer;      ///< its name
  std::string operation;  ///< what it computes, whatever the batch: layers that are alike share an answer
  /// Names of variants and what the model thinks they cost, the one that it takes first.
  std::vector<std::pair<std::string, double>> candidates;
  /// Seconds of a candidate, by its index, or anything above `bound` once it is known to be. Throws OutOfMemory where
  /// there is too little memory to say, and Error where the candidate fails: another than the first is then left out.
  std::function<double(std::size_t candidate, double bound)> measure;
};

/// How a layer's variant was found.
struct TunedLayer {
  enum class Source {
    cache,     ///< known already
    measured,  ///< now
    alone,     ///< there was no other within the bound on the model's cost
    model,     ///< there was no memory to measure in, no room in the cache, or it holds what cannot be done here
  };
  std::string layer, operation;
  std::string variant, by_model;  ///< what it runs on, what it would run on untuned
  std::map<std::string, double> seconds;
  Source source = Source::model;
};

/// Of one device and one family of kernels; shared by all networks on it, one thread at a time.
class Tuner {
 public:
  /// What a candidate whose model cost is more than this many times the least is not measured for.
  static constexpr double most_times_the_cost = 3;
  /// A variant is taken in place of the model's where it takes less than this share of its time.
  static constexpr double share_to_change_for = 0.97;

  explicit Tuner(TuningCache cache) : cache_(std::move(cache)) {}

  /// The variant for each question, by name. Measures what the cache does not hold, and keeps it there. Throws
  /// WriteFailed, before it measures, where the cache could not be written.
  [[nodiscard]] std::vector<std::string> choose(const std::vector<Question>& questions);

  [[nodiscard]] const TuningCache& cache() const { return cache_; }

  /// "reused", or "rebuilt because ...".
  [[nodiscard]] std::string state() const;

  /// The layers of the last questions.
  [[nodiscard]] std::vector<TunedLayer> take_layers() { return std::exchange(layers_, {}); }

  /// How many operations were measured, in all.
  [[nodiscard]] int measured() const { return measured_; }

  /// Hears the layer that is to be measured, and what share of the questions is behind; what it throws ends the work.
  void listen(std::function<void(const std::string& layer, double done)> heard) { heard_ = std::move(heard); }

 private:
  [[nodiscard]] TunedChoices measure(const std::vector<Question>& questions);

  TuningCache cache_;
  std::function<void(const std::string&, double)> heard_;
  std::vector<TunedLayer> layers_;
  int measured_ = 0;
};

/// What choices of an engine on that device hold for.
[[nodiscard]] TuningScope tuning_scope(const kernels::OpenDevice& device, Kernels kernels);

}  // namespace pleura::layers
