#pragma once
/// A table of 'property x value -> read as, or refused with': each row writes an input and says what reading it must
/// give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "pleura/pleura.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan::test {

/// What reading gave: the volume, and everything that scan_ct says.
struct Read {
  Volume volume;
  ScanReport report;
};

struct Row {
  std::string property, value;                                     ///< what this row varies, and to what
  std::function<void(const std::filesystem::path& folder)> write;  ///< writes the input into an empty folder
  std::function<void(const Read&)> read_as = {};  ///< checks what was read; absent: the input must be refused
  std::vector<std::string> refused_with = {};     ///< parts of the refusal's one line
  std::vector<std::string> warned_with = {};      ///< parts of the report's warnings; none: there must be no warning
  std::string path = {};                          ///< below the folder, what is read; empty: the folder
  ReadOptions options = {};
};

inline void PrintTo(const Row& row, std::ostream* out) { *out << row.property << " = " << row.value; }

/// Writes, reads and judges one row.
inline void check(const Row& row) {
  SCOPED_TRACE(testing::PrintToString(row));
  const TemporaryFolder folder;
  row.write(folder.path());
  const auto path = row.path.empty() ? folder.path() : folder / row.path;
  Read read;
  try {
    read.volume = read_ct(path, row.options, &read.report);
  } catch (const Error& error) {
    const std::string line = error.what();
    EXPECT_FALSE(row.read_as) << "refused: " << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    for (const auto& part : row.refused_with) EXPECT_THAT(line, testing::HasSubstr(part));
    return;
  }
  ASSERT_TRUE(row.read_as) << "read, expected a refusal";
  row.read_as(read);
  const std::string warnings = testing::PrintToString(read.report.warnings);
  EXPECT_EQ(read.report.warnings.empty(), row.warned_with.empty()) << warnings;
  for (const auto& part : row.warned_with) EXPECT_THAT(warnings, testing::HasSubstr(part));
}

}  // namespace pleura::scan::test
