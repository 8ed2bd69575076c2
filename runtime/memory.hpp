#pragma once
/// How much memory the process may take, and whether a piece of work fits.
#include <cstdint>
#include <filesystem>
#include <string>

namespace pleura {

/// The bound on the whole process: `asked` bytes, or where that is 0 three quarters of the least that the machine, the
/// process's cgroup and its resource limits allow.
[[nodiscard]] std::uint64_t memory_bound(std::uint64_t asked);

/// The least limit of a process's cgroup (v1 or v2) and of those above it, the largest number where there is none.
[[nodiscard]] std::uint64_t cgroup_memory(const std::filesystem::path& membership = "/proc/self/cgroup",
                                          const std::filesystem::path& mount = "/sys/fs/cgroup");

/// Bytes that the machine has; the largest number where the system does not say.
[[nodiscard]] std::uint64_t machine_memory();

/// "8.4 GiB", or MiB where it is less than one.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// Bytes of the process that lie in memory now; 0 where the system does not say.
[[nodiscard]] std::uint64_t resident_bytes();

/// What is left of memory_bound(asked) beside what is resident now.
[[nodiscard]] std::uint64_t memory_left(std::uint64_t asked);

/// Throws Error(resources) unless `needed` bytes are left: "NAME: 8.4 GiB of memory are needed to PURPOSE, 5.9 GiB may
/// be used (--memory, memory_bytes)".
void require_memory(std::uint64_t needed, std::uint64_t asked, const std::string& name, const std::string& purpose);

}  // namespace pleura
