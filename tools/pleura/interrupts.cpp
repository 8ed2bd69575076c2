#include "interrupts.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace pleura::command {
namespace {

std::atomic<int> signal_that_came{0};
std::atomic<std::int64_t> came_at{0};  // milliseconds
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a signal handler sets it");

// Milliseconds. What follows sooner is the same request: timeout(1) sends it twice.
constexpr std::int64_t impatient = 500;

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

extern "C" void note_interrupt(int signal) {
  int none = 0;
  if (signal_that_came.compare_exchange_strong(none, signal)) {
    came_at = now();
    alarm(1);
  } else if (came_at != 0 && now() - came_at >= impatient) {
    std::signal(signal, SIG_DFL);
    static_cast<void>(std::raise(signal));  // delivered as the handler returns
  }
}

// Once a second, for a call that began to block just after the signal had come.
extern "C" void note_alarm(int /*signal*/) { alarm(1); }

/// Without SA_RESTART: a call that blocks ends with EINTR.
void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_interrupts() {
  handle(SIGALRM, note_alarm);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) handle(signal, note_interrupt);
  struct sigaction before {};
  sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) handle(SIGHUP, note_interrupt);
}

bool interrupted() { return signal_that_came != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted{};
}

void die_of_interrupt() {
  constexpr std::string_view message = "pleura: interrupted, nothing was left half written\n";
  static_cast<void>(!write(STDERR_FILENO, message.data(), message.size()));
  const rlimit no_core{};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal_that_came, SIG_DFL);
  std::raise(signal_that_came);
  std::_Exit(128 + signal_that_came);
}

}  // namespace pleura::command
