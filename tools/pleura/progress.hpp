#pragma once
/// What a terminal shows while work goes on, and Ctrl-C.
#include <chrono>
#include <string>
#include <string_view>

#include "pleura/pleura.hpp"

namespace pleura::command {

/// Thrown out of a progress call after Ctrl-C or SIGTERM, so that temporary files are removed on the way out.
struct Interrupted {
  int signal;  ///< SIGINT or SIGTERM, which the command then dies of
};

/// From here on the first Ctrl-C or SIGTERM asks the work to stop at its next step; another, half a second later or
/// more, stops at once.
void watch_interrupts();

/// Throws Interrupted if Ctrl-C or SIGTERM came.
void stop_if_interrupted();

/// One line on standard error, drawn over itself; nothing where standard error is no terminal.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Draws a stage and its share done, 0 to 1. Throws Interrupted after Ctrl-C.
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
