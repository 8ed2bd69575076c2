#pragma once
/// Loops over the cores there are: OpenMP, shared with oneDNN, or std::thread where ThreadSanitizer watches and in a
/// forked child, which OpenMP's threads do not follow.
#include <cstdint>
#include <functional>

namespace pleura {

/// Threads to use for a request: itself, or one per core for 0.
[[nodiscard]] int resolve_threads(int requested);

/// Calls body(i) once for each i in [0, count), on up to `threads` threads: thread t begins with index t, the same core
/// with the same index each time, and the rest is handed out as threads become free. Results must not depend on the
/// order. The first exception thrown by a body is rethrown here when all have
/// ended.
void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body);

/// While it lives, libraries that run on OpenMP (oneDNN) use this many threads from the calling thread; one in a child
/// forked after OpenMP was used.
class ThreadScope {
 public:
  explicit ThreadScope(int threads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

}  // namespace pleura
