#pragma once
/// What a terminal shows while work goes on; the steps at which a command can be interrupted.
#include <chrono>
#include <string>
#include <string_view>

#include "pleura/pleura.hpp"

namespace pleura::command {

/// One line on standard error, drawn over itself; nothing where standard error is no terminal or `shown` is false.
class ProgressBar {
 public:
  explicit ProgressBar(bool shown = true);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Draws a stage and its share done, 0 to 1. Throws Interrupted (interrupts.hpp) after Ctrl-C.
  void show(std::string_view stage, double done);
  /// Removes the line.
  void clear();
  /// As pleura's functions take it; the bar must outlive it.
  [[nodiscard]] Progress callback();

 private:
  bool terminal_ = false, drawn_ = false;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace pleura::command
