#include "runtime/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string_view>

#include "pleura/error.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)); }

std::uint64_t resource_limit(int resource) {
  rlimit limit{};
  return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : unlimited;
}

/// The least number that `file` holds in a group's folder and in those above it, up to `top`. "max" is none.
std::uint64_t least_limit(const fs::path& top, std::string_view group, const char* file) {
  std::uint64_t least = unlimited;
  while (true) {
    std::uint64_t limit = 0;
    fs::path folder = top;
    folder += group;
    if (std::ifstream(folder / file) >> limit) least = std::min(least, limit);
    if (group.empty()) return least;
    group = group.substr(0, group.rfind('/'));
  }
}

}  // namespace

std::uint64_t machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  return pages > 0 ? static_cast<std::uint64_t>(pages) * page_bytes() : unlimited;
}

std::string size_text(std::uint64_t bytes) {
  constexpr double mebibyte = 1 << 20, gibibyte = 1 << 30;
  const double size = static_cast<double>(bytes);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), size < gibibyte ? "%.1f MiB" : "%.1f GiB",
                size / (size < gibibyte ? mebibyte : gibibyte));
  return text.data();
}

std::uint64_t cgroup_memory(const fs::path& membership, const fs::path& mount) {
  std::uint64_t least = unlimited;
  std::ifstream lines(membership);
  for (std::string line; std::getline(lines, line);) {  // ID:CONTROLLERS:/GROUP; v2 names no controllers
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string controllers(",");
    controllers.append(line, first + 1, second - first - 1).append(",");
    const std::string_view group = std::string_view(line).substr(second + 1);
    if (controllers == ",,")
      least = std::min(least, least_limit(mount, group, "memory.max"));
    else if (controllers.find(",memory,") != std::string::npos)
      least = std::min(least, least_limit(mount / "memory", group, "memory.limit_in_bytes"));
  }
  return least;
}

std::uint64_t memory_bound(std::uint64_t asked) {
  if (asked != 0) return asked;
  return std::min({machine_memory(), cgroup_memory(), resource_limit(RLIMIT_AS), resource_limit(RLIMIT_DATA)}) / 4 * 3;
}

std::uint64_t resident_bytes() {
  std::uint64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * page_bytes();
}

std::uint64_t memory_left(std::uint64_t asked) {
  const std::uint64_t bound = memory_bound(asked), taken = resident_bytes();
  return bound > taken ? bound - taken : 0;
}

void require_memory(std::uint64_t needed, std::uint64_t asked, const std::string& name, const std::string& purpose) {
  const std::uint64_t left = memory_left(asked);
  if (needed > left)
    throw Error(Status::resources, name + ": " + size_text(needed) + " of memory are needed to " + purpose + ", " +
                                       size_text(left) + " may be used (--memory, memory_bytes)");
}

}  // namespace pleura
