#pragma once
/// Which sanitizer this build carries, and the few of its calls that the emulator needs, as functions that do nothing
/// elsewhere.
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) && !defined(EMULATOR_ASAN)
#define EMULATOR_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__) && !defined(EMULATOR_TSAN)
#define EMULATOR_TSAN 1
#endif

#ifdef EMULATOR_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef EMULATOR_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#ifdef EMULATOR_TSAN
extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);
extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char* file, int line);
extern "C" void AnnotateIgnoreSyncBegin(const char* file, int line);
extern "C" void AnnotateIgnoreSyncEnd(const char* file, int line);
#endif

namespace emulator {

#ifdef EMULATOR_ASAN
inline constexpr bool with_asan = true;
inline void poison_region(const void* start, std::size_t bytes) { __asan_poison_memory_region(start, bytes); }
inline void unpoison_region(const void* start, std::size_t bytes) { __asan_unpoison_memory_region(start, bytes); }
#else
inline constexpr bool with_asan = false;
inline void poison_region(const void*, std::size_t) {}
inline void unpoison_region(const void*, std::size_t) {}
#endif

#ifdef EMULATOR_TSAN
inline constexpr bool with_tsan = true;
inline void acquire(void* token) { __tsan_acquire(token); }
inline void release(void* token) { __tsan_release(token); }
#else
inline constexpr bool with_tsan = false;
inline void acquire(void*) {}
inline void release(void*) {}
#endif

/// While one lives, ThreadSanitizer does not watch this thread: the emulator's own lists are no concern of its.
class Unwatched {
 public:
#ifdef EMULATOR_TSAN
  Unwatched() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~Unwatched() {
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  }
#else
  Unwatched() {}
  ~Unwatched() {}
#endif
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
};

/// While one lives, ThreadSanitizer takes nothing that this thread does for an order between threads.
class Unordered {
 public:
#ifdef EMULATOR_TSAN
  Unordered() { AnnotateIgnoreSyncBegin(__FILE__, __LINE__); }
  ~Unordered() { AnnotateIgnoreSyncEnd(__FILE__, __LINE__); }
#else
  Unordered() {}
  ~Unordered() {}
#endif
  Unordered(const Unordered&) = delete;
  Unordered& operator=(const Unordered&) = delete;
};

}  // namespace emulator
