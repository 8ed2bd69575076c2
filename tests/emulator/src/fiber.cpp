#include "fiber.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if !defined(__x86_64__)
#error "the emulator switches fibers with x86-64 instructions"
#endif

extern "C" void emulator_switch(void** save_stack_pointer, void* load_stack_pointer);

// Saves the callee-saved registers of the System V ABI on the old stack and takes those of the new one.
asm(R"(
.text
.globl emulator_switch
.type emulator_switch,@function
emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulator_switch,.-emulator_switch
)");

namespace emulator {

namespace {

constexpr std::size_t page = 4096;

// Where a new fiber's first switch returns to; it finds its Fiber through this.
thread_local Fiber* starting = nullptr;
thread_local Fiber* leaving = nullptr;

}  // namespace

Fiber::Fiber() {
#ifdef EMULATOR_TSAN
  tsan_fiber_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(void (*entry)(void*), void* argument, std::size_t stack_bytes) : entry_(entry), argument_(argument) {
  mapping_bytes_ = stack_bytes + page;  // the lowest page stays inaccessible: an overflow faults
  void* memory =
      mmap(nullptr, mapping_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("emulator: no memory for a fiber's stack");
    std::abort();
  }
  mapping_ = static_cast<char*>(memory);
  mprotect(mapping_, page, PROT_NONE);
  // Tops are staggered, else the stacks of neighbouring threads share the same few sets of the first-level cache.
  const std::size_t stagger = (reinterpret_cast<std::uintptr_t>(this) / sizeof(Fiber) % 32) * 192;
  auto* top = reinterpret_cast<void**>(reinterpret_cast<std::uintptr_t>(mapping_ + mapping_bytes_ - stagger) &
                                       ~std::uintptr_t{15});
  *--top = nullptr;  // keeps the stack aligned as after a call
  *--top = reinterpret_cast<void*>(+[] { start(starting); });
  for (int saved_register = 0; saved_register < 6; ++saved_register) *--top = nullptr;
  stack_pointer_ = top;
#ifdef EMULATOR_ASAN
  stack_bottom_ = mapping_ + page;
  stack_bytes_ = stack_bytes;
#endif
#ifdef EMULATOR_TSAN
  tsan_fiber_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  if (!mapping_) return;
#ifdef EMULATOR_TSAN
  __tsan_destroy_fiber(tsan_fiber_);
#endif
  unpoison_region(mapping_ + page, mapping_bytes_ - page);
  munmap(mapping_, mapping_bytes_);
}

void Fiber::start([[maybe_unused]] Fiber* self) {
#ifdef EMULATOR_ASAN
  // Tells ASan that the new stack is in use and learns where the OS thread's own stack lies.
  __sanitizer_finish_switch_fiber(nullptr, &leaving->stack_bottom_, &leaving->stack_bytes_);
#endif
  self->entry_(self->argument_);
  std::fprintf(stderr, "emulator: a fiber returned\n");
  std::abort();
}

void Fiber::switch_to(Fiber& from, Fiber& to) {
  if (&from == &to) return;
  starting = &to;
  leaving = &from;
#ifdef EMULATOR_ASAN
  __sanitizer_start_switch_fiber(&from.fake_stack_, to.stack_bottom_, to.stack_bytes_);
#endif
#ifdef EMULATOR_TSAN
  __tsan_switch_to_fiber(to.tsan_fiber_, __tsan_switch_to_fiber_no_sync);
#endif
  emulator_switch(&from.stack_pointer_, to.stack_pointer_);
#ifdef EMULATOR_ASAN
  __sanitizer_finish_switch_fiber(from.fake_stack_, &leaving->stack_bottom_, &leaving->stack_bytes_);
#endif
}

}  // namespace emulator
