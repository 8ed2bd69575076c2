#pragma once
/// Times the stages of a piece of work and tells its caller how far it is.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "pleura/engine_options.hpp"
#include "pleura/result.hpp"
#include "runtime/clock.hpp"

namespace pleura::screening {

/// Runs stages one after the other. Not for several threads.
class StageTimer {
 public:
  /// `count`: of the stages to come; progress is reported in equal shares of them.
  StageTimer(int count, Progress progress) : count_(count), progress_(std::move(progress)) {}

  /// Runs the next stage and returns what it returns.
  template <class Work>
  decltype(auto) run(const char* name, Work&& work) {
    report(name, static_cast<double>(times_.size()));
    const Stopwatch stopwatch(times_.emplace_back(StageTime{name, 0}));
    return std::forward<Work>(work)();
  }

  /// To be called while a stage runs, with the share of it that is done.
  void advance(double share) const { report(times_.back().name, static_cast<double>(times_.size()) - 1 + share); }

  /// The stages that ran.
  [[nodiscard]] const std::vector<StageTime>& times() const { return times_; }

 private:
  void report(const std::string& name, double stages_done) const {
    if (progress_) progress_(name, stages_done / count_);
  }

  /// Adds the seconds of its own life to a stage.
  class Stopwatch {
   public:
    explicit Stopwatch(StageTime& stage) : stage_(stage) {}
    ~Stopwatch() { stage_.seconds = seconds_since(start_); }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

   private:
    StageTime& stage_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  };

  int count_;
  Progress progress_;
  std::vector<StageTime> times_;
};

}  // namespace pleura::screening
