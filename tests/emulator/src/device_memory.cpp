#include "device_memory.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "options.hpp"
#include "report.hpp"
#include "sanitizers.hpp"

namespace emulator {

namespace {

constexpr std::size_t reserved_bytes = std::size_t{512} << 30;
constexpr std::size_t page = 4096;
constexpr std::size_t band = 512;               // on each side of an allocation
constexpr std::size_t filled_bytes = 64 << 20;  // larger allocations stay sparse: untouched pages cost nothing
constexpr unsigned char band_byte = 0xa5, unwritten_byte = 0xff;

// Lives through the whole process, so that leaks can still be asked for at the end.
struct DeviceMemory {
  char* base = nullptr;
  std::size_t used = 0;
  std::map<int, std::size_t> in_use;  // by device
  int accesses = 0;
  std::map<char*, std::size_t> live;
  std::map<char*, int> owner;
  std::map<char*, std::size_t> pinned;
};

DeviceMemory& memory() {
  static auto* instance = new DeviceMemory;
  return *instance;
}

void protect(int protection) {
  if (memory().used > 0 && mprotect(memory().base, memory().used, protection) != 0) {
    std::perror("emulator: mprotect of device memory");
    std::abort();
  }
}

struct sigaction previous_handler;

// Host code that follows a device pointer faults here: says so, then lets the fault take its usual course.
void on_fault(int signal_number, siginfo_t* info, void* context) {
  if (device_range_contains(info->si_addr) && memory().accesses == 0) {
    constexpr char message[] = "emulator: host access: host code touched device memory\n";
    [[maybe_unused]] const auto written = write(2, message, sizeof message - 1);
  }
  if (previous_handler.sa_flags & SA_SIGINFO && previous_handler.sa_sigaction)
    return previous_handler.sa_sigaction(signal_number, info, context);
  signal(signal_number, SIG_DFL);
}

void reserve() {
  void* range = mmap(nullptr, reserved_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) {
    std::perror("emulator: no address space for device memory");
    std::abort();
  }
  memory().base = static_cast<char*>(range);
  struct sigaction handler {};
  handler.sa_flags = SA_SIGINFO | SA_ONSTACK;
  handler.sa_sigaction = on_fault;
  sigaction(SIGSEGV, &handler, &previous_handler);
}

void check_bands(const char* start, std::size_t bytes) {
  if (with_asan) return;  // has caught it at the line
  const auto check = [&](const char* first, const char* where) {
    for (std::size_t i = 0; i < band; ++i)
      if (static_cast<unsigned char>(first[i]) != band_byte)
        fail("global overflow", "memory %s an allocation of %zu bytes was written", where, bytes);
  };
  check(start - band, "before");
  check(start + bytes, "after");
}

bool contains(const std::map<char*, std::size_t>& blocks, const void* address, std::size_t bytes) {
  const char* first = static_cast<const char*>(address);
  auto block = blocks.upper_bound(const_cast<char*>(first));
  if (block == blocks.begin()) return false;
  --block;
  return first + bytes <= block->first + block->second;
}

}  // namespace

void* device_allocate(std::size_t bytes, int number) {
  DeviceMemory& device = memory();
  if (!device.base) reserve();
  std::size_t& in_use = device.in_use[number];
  if (bytes > options().device_memory || in_use > options().device_memory - bytes) return nullptr;
  const std::size_t room = (bytes + 2 * band + 255) / 256 * 256 + page;
  if (device.used + room > reserved_bytes) fail("device memory", "all of its address space has been used");
  char* start = device.base + device.used + page / 2;  // 256-byte aligned; the page between keeps neighbours apart
  device.used = (device.used + room + page - 1) / page * page;
  const DeviceAccess access;
  if (with_asan) {
    poison_region(start - band, band);
    poison_region(start + bytes, band);
  } else {
    std::memset(start - band, band_byte, band);
    std::memset(start + bytes, band_byte, band);
  }
  std::memset(start, unwritten_byte, std::min(bytes, filled_bytes));
  device.live[start] = bytes;
  device.owner[start] = number;
  in_use += bytes;
  return start;
}

bool device_free(void* start) {
  DeviceMemory& device = memory();
  const auto block = device.live.find(static_cast<char*>(start));
  if (block == device.live.end()) return false;
  const DeviceAccess access;
  check_bands(block->first, block->second);
  char* const first_page = block->first - page / 2;  // its own, as all pages of an allocation are
  madvise(first_page, (page / 2 + block->second + band + page - 1) / page * page, MADV_DONTNEED);
  if (block->second <= filled_bytes) poison_region(block->first, block->second);
  const auto owner = device.owner.find(block->first);
  device.in_use[owner->second] -= block->second;
  device.owner.erase(owner);
  device.live.erase(block);
  return true;
}

bool device_contains(const void* address, std::size_t bytes) { return contains(memory().live, address, bytes); }

int device_of(const void* address) {
  const auto& live = memory().live;
  auto block = live.upper_bound(const_cast<char*>(static_cast<const char*>(address)));
  if (block == live.begin() || !device_contains(address, 1)) return -1;
  return memory().owner.at((--block)->first);
}

bool device_range_contains(const void* address) {
  const char* first = static_cast<const char*>(address);
  return memory().base && first >= memory().base && first < memory().base + reserved_bytes;
}

void check_guard_bands() {
  const DeviceAccess access;
  for (const auto& [start, bytes] : memory().live) check_bands(start, bytes);
}

std::size_t device_bytes_in_use(int device) { return memory().in_use[device]; }

std::vector<std::size_t> live_allocations(int device) {
  std::vector<std::size_t> sizes;
  for (const auto& [start, bytes] : memory().live)
    if (memory().owner.at(start) == device) sizes.push_back(bytes);
  return sizes;
}

DeviceAccess::DeviceAccess() {
  if (memory().accesses++ == 0) protect(PROT_READ | PROT_WRITE);
}

DeviceAccess::~DeviceAccess() {
  if (--memory().accesses == 0) protect(PROT_NONE);
}

void* pinned_allocate(std::size_t bytes) {
  void* start = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  if (start) memory().pinned[static_cast<char*>(start)] = bytes;
  return start;
}

bool pinned_free(void* start) {
  if (memory().pinned.erase(static_cast<char*>(start)) == 0) return false;
  std::free(start);
  return true;
}

bool pinned_contains(const void* address, std::size_t bytes) { return contains(memory().pinned, address, bytes); }

}  // namespace emulator
