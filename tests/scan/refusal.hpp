#pragma once
/// What is said where a path is refused.
#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "pleura/pleura.hpp"

namespace pleura::scan::test {

/// The message with which a path is refused: one line that begins with the path.
[[nodiscard]] inline std::string refusal(const std::filesystem::path& path, const ReadOptions& options = {}) {
  try {
    (void)read_ct(path, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::input_refused);
    EXPECT_THAT(error.what(), testing::StartsWith(path.string()));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
    return error.what();
  }
  return "not refused";
}

}  // namespace pleura::scan::test
