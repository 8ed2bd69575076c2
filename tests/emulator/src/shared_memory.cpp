#include "shared_memory.hpp"

#include <cstdlib>

#include "report.hpp"
#include "sanitizers.hpp"

namespace emulator {

namespace {

constexpr std::size_t arena_bytes = 512 << 10;  // the largest shared memory of any GPU, twice: gaps need room
constexpr std::size_t gap = 128;
constexpr unsigned char unwritten = 0xff, between = 0xa5;

// Fills without memset, which ThreadSanitizer would take for an access of the running thread.
__attribute__((optimize("no-tree-loop-distribute-patterns"))) void fill(unsigned char* start, unsigned char value,
                                                                        std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) start[i] = value;
}

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

void SharedMemory::Free::operator()(unsigned char* memory) const {
  unpoison_region(memory, arena_bytes);
  std::free(memory);
}

SharedMemory::SharedMemory() : arena_(static_cast<unsigned char*>(std::aligned_alloc(1024, arena_bytes))) {
  fill(arena_.get(), between, arena_bytes);
}

SharedMemory::~SharedMemory() = default;

void SharedMemory::start_block(std::size_t dynamic_bytes) {
  if (!with_asan)
    for (const Variable& variable : variables_) fill(arena_.get() + variable.start, between, variable.bytes);
  variables_.clear();
  poison_region(arena_.get(), arena_bytes);
  place(nullptr, 0, dynamic_bytes);
}

void* SharedMemory::place(const void* tag, std::size_t start, std::size_t bytes) {
  const Unwatched bookkeeping;
  if (start + bytes + gap > arena_bytes) fail("shared memory", "a block wants more than %zu bytes", arena_bytes / 2);
  unpoison_region(arena_.get() + start, bytes);
  fill(arena_.get() + start, unwritten, bytes);
  variables_.push_back({tag, start, bytes});
  return arena_.get() + start;
}

void* SharedMemory::variable(const void* tag, std::size_t bytes, std::size_t alignment) {
  for (const Variable& variable : variables_)
    if (variable.tag == tag) return arena_.get() + variable.start;
  const Variable& last = variables_.back();
  return place(tag, round_up(last.start + last.bytes + gap, alignment < 16 ? 16 : alignment), bytes);
}

bool SharedMemory::contains(const void* address, std::size_t bytes) const {
  const auto* first = static_cast<const unsigned char*>(address);
  for (const Variable& variable : variables_) {
    const unsigned char* start = arena_.get() + variable.start;
    if (first >= start && first + bytes <= start + variable.bytes) return true;
  }
  return false;
}

void SharedMemory::finish_block() const {
  if (with_asan) return;  // has caught it at the line
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    const std::size_t end = variables_[i].start + variables_[i].bytes;
    const std::size_t next = i + 1 < variables_.size() ? variables_[i + 1].start : end + gap;
    for (std::size_t byte = end; byte < next; ++byte)
      if (arena_.get()[byte] != between)
        fail("shared overflow", "a byte %zu past the end of a __shared__ variable of %zu bytes was written", byte - end,
             variables_[i].bytes);
  }
}

}  // namespace emulator
