#include "async_copy.hpp"

#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "block.hpp"
#include "report.hpp"
#include "sanitizers.hpp"

namespace emulator {

namespace {

struct Copy {
  void* target;
  const void* source;
  std::size_t bytes, source_bytes;
};

struct Pending {
  std::vector<Copy> open;  // not yet in a group
  std::deque<std::vector<Copy>> groups;
};

// By number of the thread in the block that this OS thread runs.
thread_local std::vector<Pending> pending;

Pending& mine() {
  if (pending.size() <= thread_number()) pending.resize(thread_number() + 1);
  return pending[thread_number()];
}

}  // namespace

void async_copy(void* shared_target, const void* global_source, std::size_t bytes, std::size_t source_bytes) {
  if (bytes != 4 && bytes != 8 && bytes != 16) fail("cp.async", "%zu bytes; 4, 8 or 16 are possible", bytes);
  if (reinterpret_cast<std::uintptr_t>(shared_target) % bytes != 0 ||
      (source_bytes > 0 && reinterpret_cast<std::uintptr_t>(global_source) % bytes != 0))
    fail("misaligned access", "cp.async of %zu bytes from %p to %p", bytes, global_source, shared_target);
  if (!is_shared(shared_target, bytes))
    fail("cp.async", "the target %p is not in this block's shared memory", shared_target);
  std::memset(shared_target, 0xff, bytes);
  const Unwatched bookkeeping;
  mine().open.push_back({shared_target, global_source, bytes, source_bytes});
}

void commit_async_copies() {
  const Unwatched bookkeeping;
  mine().groups.push_back(std::move(mine().open));
  mine().open.clear();
}

void wait_async_copies(std::size_t groups_left) {
  std::vector<Copy> due;
  {
    const Unwatched bookkeeping;
    Pending& all = mine();
    for (; all.groups.size() > groups_left; all.groups.pop_front())
      due.insert(due.end(), all.groups.front().begin(), all.groups.front().end());
  }
  for (const Copy& copy : due) {
    std::memcpy(copy.target, copy.source, copy.source_bytes);
    std::memset(static_cast<char*>(copy.target) + copy.source_bytes, 0, copy.bytes - copy.source_bytes);
  }
}

void forget_async_copies() {
  const Unwatched bookkeeping;
  pending.clear();
}

}  // namespace emulator
