#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "command.hpp"
#include "interrupts.hpp"

namespace pleura::command {

void complain(std::string_view message) {
  const std::string line = printable(message);
  if (isatty(STDERR_FILENO) == 1) std::cerr << "\r\033[K";  // over a progress bar
  std::cerr << "pleura: " << line << '\n';
}

ProgressBar::ProgressBar(bool shown)
    : terminal_(shown && isatty(STDERR_FILENO) == 1), start_(std::chrono::steady_clock::now()) {}

void ProgressBar::show(std::string_view stage, double done) {
  stop_if_interrupted();
  if (!terminal_) return;
  constexpr int width = 24;
  std::array<char, width + 1> bar{};
  const int filled = static_cast<int>(std::lround(std::clamp(done, 0.0, 1.0) * width));
  for (int i = 0; i < width; ++i) bar[i] = i < filled ? '#' : '.';
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  std::fprintf(stderr, "\r\033[K[%s] %5.1f s  %s", bar.data(), seconds.count(), printable(stage).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

Progress ProgressBar::callback() {
  return [this](std::string_view stage, double done) { show(stage, done); };
}

}  // namespace pleura::command
