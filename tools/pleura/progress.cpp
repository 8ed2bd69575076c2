#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>

namespace pleura::command {
namespace {

std::atomic<int> interrupted{0};  // the signal that came, if any
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler sets it");

extern "C" void note_interrupt(int signal) { interrupted = signal; }

}  // namespace

void watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void stop_if_interrupted() {
  if (const int signal = interrupted; signal != 0) throw Interrupted{signal};
}

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) == 1), start_(std::chrono::steady_clock::now()) {}

void ProgressBar::show(std::string_view stage, double done) {
  stop_if_interrupted();
  if (!terminal_) return;
  constexpr int width = 24;
  std::array<char, width + 1> bar{};
  const int filled = static_cast<int>(std::lround(std::clamp(done, 0.0, 1.0) * width));
  for (int i = 0; i < width; ++i) bar[i] = i < filled ? '#' : '.';
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  std::fprintf(stderr, "\r\033[K[%s] %5.1f s  %.*s", bar.data(), seconds.count(), static_cast<int>(stage.size()),
               stage.data());
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
