#include "runtime/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>
#ifdef PLEURA_OPENMP
#include <omp.h>
#endif

#include "runtime/fork.hpp"

namespace pleura {
namespace {

#ifdef PLEURA_OPENMP
/// False in a forked child of a process that used OpenMP: libgomp would wait for ever for threads that are not there.
bool has_openmp() {
  static const int forks_at_first_use = runtime::forks();
  return runtime::forks() == forks_at_first_use;
}
#endif

/// How many of `threads`, the calling one among them, can be had: OpenMP's library ends the process where one of its
/// own cannot be started. It keeps those of each calling thread, which is asked once.
int startable(int threads) {
  thread_local int asked = 1, had = 1;
  if (threads <= asked) return std::min(threads, had);
  std::atomic<bool> end{false};
  std::vector<std::jthread> others;
  try {
    others.reserve(static_cast<std::size_t>(threads - 1));
    while (static_cast<int>(others.size()) < threads - 1) others.emplace_back([&end] { end.wait(false); });
  } catch (const std::exception&) {  // no thread, or no memory for one
  }
  end = true;
  end.notify_all();
  asked = threads;
  return had = static_cast<int>(others.size()) + 1;
}

}  // namespace

int resolve_threads(int requested) {
  return requested > 0 ? requested : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body) {
  if (count <= 0) return;
  threads = static_cast<int>(std::min<std::int64_t>(resolve_threads(threads), count));
  if (threads > 1) threads = startable(threads);
  std::exception_ptr failure;
  std::mutex failure_mutex;
  std::atomic<std::int64_t> next{0};
  const auto work = [&](std::int64_t thread, std::int64_t team) {
    for (std::int64_t i = thread; i < count; i = team + next++) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  const auto on_own_threads = [&] {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back(work, t, threads);
    work(0, threads);
  };
#ifdef PLEURA_OPENMP
  if (has_openmp()) {
#pragma omp parallel num_threads(threads)
    work(omp_get_thread_num(), omp_get_num_threads());
  } else {
    on_own_threads();
  }
#else
  on_own_threads();
#endif
  if (failure) std::rethrow_exception(failure);
}

#ifdef PLEURA_OPENMP
ThreadScope::ThreadScope(int threads) : before_(omp_get_max_threads()) {
  omp_set_num_threads(has_openmp() ? startable(resolve_threads(threads)) : 1);
}

ThreadScope::~ThreadScope() { omp_set_num_threads(before_); }
#else
ThreadScope::ThreadScope(int threads) : before_(threads) {}

ThreadScope::~ThreadScope() = default;
#endif

}  // namespace pleura
