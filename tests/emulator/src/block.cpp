#include "block.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "async_copy.hpp"
#include "device_variables.hpp"
#include "fiber.hpp"
#include "options.hpp"
#include "report.hpp"
#include "sanitizers.hpp"
#include "shared_memory.hpp"

namespace emulator {

namespace {

/// Lanes of one warp that gather under one mask. Two sets of slots alternate: a lane may still read what it got at one
/// meeting while others bring values to the next.
struct Meeting {
  std::uint32_t mask = 0, arrived = 0, generation = 0;
  const char* operation = nullptr;
  Slots slots[2];
  char token[2] = {};
};

enum class State { runnable, at_barrier, in_warp, finished };

struct Thread {
  std::unique_ptr<Fiber> fiber;
  State state = State::finished;
  Dim index;
  std::source_location where;
};

class Block;
thread_local Block* running = nullptr;

/// The fibers of one block at a time. Kept from block to block: making a fiber costs more than running one.
class Block {
 public:
  void run(const Grid& grid, Dim block_index, std::uint32_t seed);

  void barrier(std::source_location where);
  int barrier_sum(int value, std::source_location where);
  const Slots& meet(std::uint32_t mask, const char* operation, const void* value, std::size_t bytes);
  [[nodiscard]] unsigned current() const { return current_; }
  [[nodiscard]] std::uint32_t active_lanes() const;
  [[nodiscard]] std::string describe() const;

  SharedMemory shared;

 private:
  static void thread_main(void* block);
  void prepare(const Grid& grid, Dim block_index, std::uint32_t seed);
  void go_to(unsigned next);
  void go_on();
  void release_barrier_if_complete();
  Meeting& meeting_for(std::uint32_t mask);
  [[noreturn]] void fail_stuck() const;

  const Grid* grid_ = nullptr;
  Dim block_index_;
  unsigned threads_ = 0, current_ = 0, waiting_ = 0, finished_ = 0;
  std::size_t position_ = 0;
  unsigned barrier_generation_ = 0;
  char barrier_token_[2] = {};
  // Orders a block after the one that had the same shared memory before it. Two alternate: with one, a thread that
  // starts late would be ordered after one of its own block that has ended already.
  char turn_token_[2] = {};
  unsigned turn_ = 0;
  int sums_[2] = {}, sum_result_[2] = {};
  std::uint32_t random_ = 1;
  std::vector<Thread> thread_;
  std::vector<unsigned> order_;
  std::vector<std::vector<std::unique_ptr<Meeting>>> meetings_;  // by warp
  Fiber* outside_ = nullptr;
};

void Block::prepare(const Grid& grid, Dim block_index, std::uint32_t seed) {
  ++turn_;
  grid_ = &grid;
  block_index_ = block_index;
  threads_ = grid.block.x * grid.block.y * grid.block.z;
  while (thread_.size() < threads_) {
    thread_.emplace_back();
    thread_.back().fiber = std::make_unique<Fiber>(&Block::thread_main, this, thread_stack_bytes);
  }
  for (unsigned t = 0; t < threads_; ++t) {
    thread_[t].state = State::runnable;
    thread_[t].index = {t % grid.block.x, t / grid.block.x % grid.block.y, t / (grid.block.x * grid.block.y)};
  }
  order_.resize(threads_);
  std::iota(order_.begin(), order_.end(), 0U);
  random_ = seed * 2654435761U + 1;
  if (options().order == Order::reverse) std::reverse(order_.begin(), order_.end());
  if (options().order == Order::random)
    for (unsigned i = threads_ - 1; i > 0; --i) {
      random_ = random_ * 1664525U + 1013904223U;
      std::swap(order_[i], order_[(random_ >> 8) % (i + 1)]);
    }
  waiting_ = finished_ = 0;
  meetings_.resize((threads_ + 31) / 32);
  for (auto& warp : meetings_)
    for (auto& meeting : warp) meeting->arrived = 0;
  shared.start_block(grid.dynamic_shared_bytes);
  forget_async_copies();
}

void Block::run(const Grid& grid, Dim block_index, std::uint32_t seed) {
  prepare(grid, block_index, seed);
  Fiber outside;
  outside_ = &outside;
  running = this;
  set_device_variables(grid.grid, grid.block, block_index);
  position_ = 0;
  current_ = order_[0];
  set_thread_index(thread_[current_].index);
  Fiber::switch_to(outside, *thread_[current_].fiber);
  running = nullptr;
  if (finished_ != threads_) fail_stuck();
  shared.finish_block();
}

void Block::thread_main(void* block) {
  auto& self = *static_cast<Block*>(block);
  for (;;) {
    const unsigned me = self.current_;
    acquire(self.grid_->start_token);
    acquire(&self.turn_token_[self.turn_ & 1]);
    self.grid_->body(self.grid_->arguments);
    release(&self.turn_token_[~self.turn_ & 1]);
    release(self.grid_->done_token);
    self.thread_[me].state = State::finished;
    ++self.finished_;
    self.release_barrier_if_complete();
    self.go_on();
  }
}

void Block::go_to(unsigned next) {
  const unsigned me = current_;
  current_ = next;
  set_thread_index(thread_[next].index);
  Fiber::switch_to(*thread_[me].fiber, *thread_[next].fiber);
}

// Called by a thread that cannot go on: the next runnable one in order takes over.
void Block::go_on() {
  for (unsigned tried = 0; tried < threads_; ++tried) {
    position_ = position_ + 1 == threads_ ? 0 : position_ + 1;
    if (thread_[order_[position_]].state == State::runnable) return go_to(order_[position_]);
  }
  Fiber::switch_to(*thread_[current_].fiber, *outside_);  // all have finished, or none can ever go on
}

void Block::release_barrier_if_complete() {
  if (waiting_ == 0 || waiting_ + finished_ != threads_) return;
  for (unsigned t = 0; t < threads_; ++t)
    if (thread_[t].state == State::at_barrier) thread_[t].state = State::runnable;
  sum_result_[barrier_generation_ & 1] = sums_[barrier_generation_ & 1];
  ++barrier_generation_;
  sums_[barrier_generation_ & 1] = 0;
  waiting_ = 0;
  position_ = threads_ - 1;
}

void Block::barrier(std::source_location where) { barrier_sum(0, where); }

int Block::barrier_sum(int value, std::source_location where) {
  const unsigned generation = barrier_generation_ & 1;
  for (unsigned t = 0; t < threads_ && waiting_ > 0; ++t) {
    if (thread_[t].state != State::at_barrier) continue;
    if (thread_[t].where.line() != where.line() || std::strcmp(thread_[t].where.file_name(), where.file_name()) != 0)
      fail("divergent barrier", "thread %u waits at %s:%u, thread %u at %s:%u", t, thread_[t].where.file_name(),
           thread_[t].where.line(), current_, where.file_name(), where.line());
    break;  // the others that wait were compared with this one
  }
  release(&barrier_token_[generation]);
  Thread& me = thread_[current_];
  me.where = where;
  me.state = State::at_barrier;
  sums_[generation] += value;
  ++waiting_;
  release_barrier_if_complete();
  go_on();
  acquire(&barrier_token_[generation]);
  return sum_result_[generation];
}

Meeting& Block::meeting_for(std::uint32_t mask) {
  auto& warp = meetings_[current_ / 32];
  for (auto& meeting : warp)
    if (meeting->mask == mask) return *meeting;
  warp.push_back(std::make_unique<Meeting>());
  warp.back()->mask = mask;
  return *warp.back();
}

const Slots& Block::meet(std::uint32_t mask, const char* operation, const void* value, std::size_t bytes) {
  const unsigned my_lane = current_ & 31;
  const Unwatched bookkeeping;  // the values' order is said with the token
  if (!(mask >> my_lane & 1)) fail("warp mask", "%s: lane %u is not in its own mask %08x", operation, my_lane, mask);
  const unsigned first = current_ & ~31U;
  for (unsigned other = 0; other < 32; ++other)
    if ((mask >> other & 1) && (first + other >= threads_ || thread_[first + other].state == State::finished))
      fail("inactive lane", "%s: mask %08x names lane %u, which has exited or does not exist", operation, mask, other);
  Meeting& meeting = meeting_for(mask);
  if (meeting.arrived != 0 && std::strcmp(meeting.operation, operation) != 0)
    fail("warp divergence", "lanes of mask %08x meet in %s and in %s", mask, meeting.operation, operation);
  const unsigned generation = meeting.generation & 1;
  meeting.operation = operation;
  meeting.arrived |= 1U << my_lane;
  if (bytes > 0) std::memcpy(meeting.slots[generation].lane[my_lane], value, bytes);
  release(&meeting.token[generation]);
  if (meeting.arrived == mask) {
    meeting.arrived = 0;
    ++meeting.generation;
    for (unsigned other = 0; other < 32; ++other)
      if ((mask >> other & 1) && first + other != current_) thread_[first + other].state = State::runnable;
  } else {
    thread_[current_].state = State::in_warp;
    go_on();
  }
  acquire(&meeting.token[generation]);
  return meeting.slots[generation];
}

std::uint32_t Block::active_lanes() const {
  std::uint32_t lanes = 0;
  const unsigned first = current_ & ~31U;
  for (unsigned other = 0; other < 32 && first + other < threads_; ++other)
    if (thread_[first + other].state != State::finished) lanes |= 1U << other;
  return lanes;
}

std::string Block::describe() const {
  const Dim thread = thread_[current_].index;
  const auto triple = [](Dim d) { return std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z); };
  return " [" + grid_->kernel + ", block " + triple(block_index_) + ", thread " + triple(thread) + "]";
}

void Block::fail_stuck() const {
  unsigned at_barrier = 0, in_warp = 0;
  const char* operation = "";
  for (unsigned t = 0; t < threads_; ++t) {
    at_barrier += thread_[t].state == State::at_barrier;
    in_warp += thread_[t].state == State::in_warp;
  }
  for (const auto& warp : meetings_)
    for (const auto& meeting : warp)
      if (meeting->arrived != 0) operation = meeting->operation;
  fail("divergent barrier",
       "%s, block %u,%u,%u: %u threads wait at __syncthreads, %u in a warp operation (%s), %u have exited",
       grid_->kernel.c_str(), block_index_.x, block_index_.y, block_index_.z, at_barrier, in_warp, operation,
       finished_);
}

// Each OS thread keeps two sets of fibers and alternates: ThreadSanitizer then sees no order between neighbouring
// blocks.
thread_local std::unique_ptr<Block> blocks[2];

void run_block(const Grid& grid, std::uint64_t index) {
  const std::uint64_t total = std::uint64_t{grid.grid.x} * grid.grid.y * grid.grid.z;
  if (options().order == Order::reverse) index = total - 1 - index;
  const Dim block_index{static_cast<unsigned>(index % grid.grid.x),
                        static_cast<unsigned>(index / grid.grid.x % grid.grid.y),
                        static_cast<unsigned>(index / grid.grid.x / grid.grid.y)};
  auto& block = blocks[index & 1];
  if (!block) block = std::make_unique<Block>();
  block->run(grid, block_index, options().seed + static_cast<std::uint32_t>(index));
}

/// OS threads that live as long as the process: fibers stay with the thread that made them.
class Workers {
 public:
  explicit Workers(int count) {
    for (int t = 0; t < count; ++t) threads_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
  }

  /// Runs job on this thread and on the workers, and returns when all have ended.
  void run(const std::function<void()>& job) {
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      busy_ = threads_.size();
      ++round_;
    }
    wake_.notify_all();
    job();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  void serve(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (std::uint64_t seen = 0;;) {
      if (!wake_.wait(lock, stop, [&] { return round_ != seen; })) return;
      seen = round_;
      const auto& job = *job_;
      lock.unlock();
      job();
      lock.lock();
      if (--busy_ == 0) done_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable done_;
  const std::function<void()>* job_ = nullptr;
  std::size_t busy_ = 0;
  std::uint64_t round_ = 0;
  std::vector<std::jthread> threads_;
};

int block_threads() {
  if (with_asan || with_tsan) return 1;  // fibers of one OS thread carry the sanitizer's picture
  return options().os_threads > 0 ? options().os_threads : static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

void run_grid(const Grid& grid) {
  const std::uint64_t total = std::uint64_t{grid.grid.x} * grid.grid.y * grid.grid.z;
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    for (std::uint64_t index = next++; index < total; index = next++) run_block(grid, index);
  };
  if (total == 1 || block_threads() == 1) return work();
  static Workers workers(block_threads() - 1);
  workers.run(work);
}

void block_barrier(std::source_location where) { running->barrier(where); }

int block_barrier_sum(int value, std::source_location where) { return running->barrier_sum(value, where); }

const Slots& meet_warp(std::uint32_t mask, const char* operation, const void* value, std::size_t bytes) {
  return running->meet(mask, operation, value, bytes);
}

unsigned lane() { return running->current() & 31; }

unsigned thread_number() { return running->current(); }

std::uint32_t active_lanes() { return running->active_lanes(); }

void* dynamic_shared() { return running->shared.dynamic(); }

void* static_shared(const void* tag, std::size_t bytes, std::size_t alignment) {
  return running->shared.variable(tag, bytes, alignment);
}

bool is_shared(const void* address, std::size_t bytes) { return running->shared.contains(address, bytes); }

std::string describe_running_thread() { return running ? running->describe() : std::string(); }

}  // namespace emulator
