#define _GNU_SOURCE
#include "strike.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *below, *trace;
static int struck_kind;
static bool ready;
static uint64_t at;
static size_t least;
static int failure, raised;
static bool lasting;

/* In the file that the driver reads, so that they outlive a process that is killed. */
struct count {
  _Atomic uint64_t calls, struck;
};
static struct count here[KINDS], *counts = here;

/* What this library calls itself is neither counted nor struck. */
static _Thread_local bool inside __attribute__((tls_model("initial-exec")));

static long number(const char* name) {
  const char* text = getenv(name);
  return text == NULL ? 0 : atol(text);
}

void strike_begin(void) {
  inside = true;
  below = getenv("PLEURA_FAULT_BELOW");
  trace = getenv("PLEURA_FAULT_TRACE");
  at = (uint64_t)number("PLEURA_FAULT_AT");
  least = (size_t)number("PLEURA_FAULT_LEAST");
  failure = (int)number("PLEURA_FAULT_ERRNO");
  raised = (int)number("PLEURA_FAULT_SIGNAL");
  lasting = getenv("PLEURA_FAULT_LASTING") != NULL;
  const char* file = getenv("PLEURA_FAULT_COUNTS");
  const long descriptor = file == NULL ? -1 : syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
  if (descriptor >= 0) {
    void* mapped = mmap(NULL, sizeof here, PROT_READ | PROT_WRITE, MAP_SHARED, (int)descriptor, 0);
    if (mapped != MAP_FAILED) counts = mapped;
    syscall(SYS_close, descriptor);
  }
  void* first[1];
  if (trace != NULL) backtrace(first, 1); /* its first call loads a library, with allocations of its own */
  const char* kind = getenv("PLEURA_FAULT_KIND");
  struck_kind = kind == NULL ? KINDS : atoi(kind);
  ready = true;
  inside = false;
}

bool strike_counts(enum call kind) { return ready && !inside && (struck_kind == KINDS || struck_kind == (int)kind); }

bool strike_size(size_t bytes) { return bytes >= least; }

/* Whether an absolute path begins with one of the prefixes. */
static bool counted(const char* path) {
  if (below == NULL) return true;
  for (const char* prefix = below;;) {
    const char* end = strchrnul(prefix, ':');
    if (end != prefix && strncmp(path, prefix, (size_t)(end - prefix)) == 0) return true;
    if (*end == '\0') return false;
    prefix = end + 1;
  }
}

/* What a link of /proc points to; cut where it is longer than there is room. Leaves errno as it is. */
static bool link_of(const char* name, char* path, size_t room) {
  const int error = errno;
  const ssize_t length = readlink(name, path, room - 1);
  path[length < 0 ? 0 : length] = '\0';
  errno = error;
  return length > 0;
}

bool strike_descriptor(int descriptor) {
  char name[40], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  return link_of(name, path, sizeof path) && path[0] == '/' && counted(path);
}

bool strike_path_at(int folder, const char* path) {
  char name[40] = "/proc/self/cwd", joined[8192];
  if (path[0] == '/') return counted(path);
  if (folder != AT_FDCWD) snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
  if (!link_of(name, joined, 4096)) return false;
  const size_t length = strlen(joined);
  snprintf(joined + length, sizeof joined - length, "/%s", path);
  return counted(joined);
}

bool strike_path(const char* path) { return strike_path_at(AT_FDCWD, path); }

static void write_trace(void) {
  void* frames[48];
  const int depth = backtrace(frames, 48);
  const long descriptor = syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  backtrace_symbols_fd(frames, depth, (int)descriptor);
  syscall(SYS_close, descriptor);
}

bool strike(enum call kind) {
  const uint64_t now = atomic_fetch_add(&counts[kind].calls, 1) + 1;
  if (at == 0 || (lasting ? now < at : now != at)) return false;
  inside = true;
  if (atomic_fetch_add(&counts[kind].struck, 1) == 0 && trace != NULL) write_trace();
  inside = false;
  if (raised != 0) {
    kill(getpid(), raised);
    return false;
  }
  errno = failure;
  return true;
}
