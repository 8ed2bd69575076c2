#pragma once
/// A fiber: a stack and a place to go on from. One stands for each CUDA thread of a block, one for each queued
/// operation.
#include <cstddef>

#include "sanitizers.hpp"

namespace emulator {

class Fiber {
 public:
  /// The context of the calling OS thread itself.
  Fiber();
  /// A fiber that will call entry(argument) when first switched to. entry must never return.
  Fiber(void (*entry)(void*), void* argument, std::size_t stack_bytes);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Leaves `from`, which must be running, and goes on with `to`. ThreadSanitizer sees no ordering between the two:
  /// what orders them is said with acquire and release.
  static void switch_to(Fiber& from, Fiber& to);

 private:
  static void start(Fiber* self);

  void* stack_pointer_ = nullptr;
  char* mapping_ = nullptr;
  std::size_t mapping_bytes_ = 0;
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
#ifdef EMULATOR_ASAN
  void* fake_stack_ = nullptr;
  const void* stack_bottom_ = nullptr;
  std::size_t stack_bytes_ = 0;
#endif
#ifdef EMULATOR_TSAN
  void* tsan_fiber_ = nullptr;
#endif
};

/// Bytes of stack that a CUDA thread gets; sanitizers need more.
inline constexpr std::size_t thread_stack_bytes = with_asan || with_tsan ? 128 << 10 : 32 << 10;
inline constexpr std::size_t operation_stack_bytes = 1 << 20;

}  // namespace emulator
