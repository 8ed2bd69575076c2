/* Preloaded: makes allocations fail, from the beginning of main on. strike.h says how it is told which. operator new
 * goes through malloc. What libc takes for itself inside (streams, threads' stacks, mmap) is not seen. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include "strike.h"

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* memory, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static bool fails(size_t size) { return strike_counts(ALLOCATION) && strike_size(size) && strike(ALLOCATION); }

void* malloc(size_t size) { return fails(size) ? NULL : __libc_malloc(size); }

void* calloc(size_t count, size_t size) {
  const size_t bytes = size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
  return fails(bytes) ? NULL : __libc_calloc(count, size);
}

void* realloc(void* memory, size_t size) { return size != 0 && fails(size) ? NULL : __libc_realloc(memory, size); }

void* memalign(size_t alignment, size_t size) { return fails(size) ? NULL : __libc_memalign(alignment, size); }

void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void** memory, size_t alignment, size_t size) {
  void* taken = memalign(alignment, size);
  if (taken == NULL) return ENOMEM;
  *memory = taken;
  return 0;
}

typedef int Main(int, char**, char**);
static Main* program;

static int begin(int argc, char** argv, char** environment) {
  strike_begin();
  return program(argc, argv, environment);
}

int __libc_start_main(Main* main, int argc, char** argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void* stack_end) {
  static __typeof__(__libc_start_main)* next;
  *(void**)&next = dlsym(RTLD_NEXT, "__libc_start_main");
  program = main;
  return next(begin, argc, argv, init, fini, rtld_fini, stack_end);
}
