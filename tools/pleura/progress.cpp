#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace pleura::command {
namespace {

std::atomic<int> interrupted{0};                 // the signal that came, if any
std::atomic<std::int64_t> interrupted_since{0};  // milliseconds
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a signal handler sets it");

// Milliseconds. What follows sooner is the same request: timeout(1) sends it twice.
constexpr std::int64_t impatient = 500;

extern "C" void note_interrupt(int signal) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t milliseconds = std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
  if (interrupted == 0) {
    interrupted_since = milliseconds;
    interrupted = signal;
  } else if (milliseconds - interrupted_since >= impatient) {
    std::signal(signal, SIG_DFL);
    static_cast<void>(std::raise(signal));  // delivered as the handler returns
  }
}

}  // namespace

void watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESTART);
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
