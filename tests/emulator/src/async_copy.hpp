#pragma once
/// cp.async: copies from global to shared memory that are done only when the issuing thread waits for them.
#include <cstddef>

namespace emulator {

/// Queues a copy of `bytes` (4, 8 or 16), of which the first `source_bytes` come from global memory and the rest are
/// zero. Until it is waited for, the target reads as 0xff.
void async_copy(void* shared_target, const void* global_source, std::size_t bytes, std::size_t source_bytes);
/// cp.async.commit_group
void commit_async_copies();
/// cp.async.wait_group: all but the newest `groups_left` groups of this thread are done.
void wait_async_copies(std::size_t groups_left);
/// A new block begins.
void forget_async_copies();

}  // namespace emulator
