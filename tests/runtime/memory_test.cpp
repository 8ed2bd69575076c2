#include "runtime/memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <vector>

#include "pleura/error.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

class Cgroup : public testing::Test {
 protected:
  Cgroup() : folder_(fs::temp_directory_path() / ("pleura-cgroup-" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "a/b");
    fs::create_directories(folder_ / "memory/c");
  }
  ~Cgroup() override { fs::remove_all(folder_); }

  void write(const fs::path& file, const std::string& text) const { std::ofstream(folder_ / file) << text; }

  [[nodiscard]] std::uint64_t limit(const std::string& membership) const {
    write("membership", membership);
    return cgroup_memory(folder_ / "membership", folder_);
  }

  fs::path folder_;
};

TEST_F(Cgroup, LeastOfTheGroupAndThoseAbove) {
  write("a/b/memory.max", "max\n");
  EXPECT_EQ(limit("0::/a/b\n"), none);
  write("a/memory.max", "3000000000\n");
  EXPECT_EQ(limit("0::/a/b\n"), 3000000000U);
  write("memory.max", "2000000000\n");
  EXPECT_EQ(limit("0::/a/b\n"), 2000000000U);
  EXPECT_EQ(limit("0::/\n"), 2000000000U);
}

TEST_F(Cgroup, OfTheFirstVersion) {
  write("memory/c/memory.limit_in_bytes", "1000000000\n");
  EXPECT_EQ(limit("9:cpu,memory:/c\n1:name=systemd:/c\n0::/\n"), 1000000000U);
  EXPECT_EQ(limit("9:cpu:/c\n"), none);
  EXPECT_EQ(limit("4:memory:/not/seen/from/here\n"), none);
}

TEST(Memory, DefaultIsThreeQuartersOfTheMachineAtMost) {
  const auto machine = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  EXPECT_LE(memory_bound(0), machine / 4 * 3);
  EXPECT_GT(memory_bound(0), 0U);
  EXPECT_EQ(memory_bound(5), 5U);
}

TEST(Memory, WhatIsResidentCounts) {
  const std::uint64_t before = resident_bytes();
  EXPECT_GT(before, 0U);
  const std::vector<char> block(64 << 20, 'x');
  EXPECT_GT(resident_bytes(), before + (32 << 20)) << block.size();
  EXPECT_EQ(memory_left(1), 0U);
}

TEST(Memory, RefusesNamingTheFigures) {
  require_memory(1 << 20, std::uint64_t{1} << 40, "a.nii", "read it");
  try {
    require_memory(std::uint64_t{9} << 30, 1, "a.nii", "read it");
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_STREQ(error.what(),
                 "a.nii: 9.0 GiB of memory are needed to read it, 0.0 MiB may be used (--memory, memory_bytes)");
  }
}

}  // namespace
}  // namespace pleura
