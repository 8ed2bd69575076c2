#pragma once
/// What tests of files look at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "files/replace.hpp"
#include "scan/temporary_folder.hpp"
#include "tests/files/small_disk.hpp"

namespace pleura::files::test {

namespace fs = std::filesystem;
using scan::test::TemporaryFolder;

inline std::set<std::string> names(const fs::path& folder) {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder)) found.insert(entry.path().filename().string());
  return found;
}

inline std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Expects WriteFailed with these words.
template <class Work>
void expect_write_failed(const std::string& words, const Work& work) {
  try {
    work();
    ADD_FAILURE() << "was written; expected: " << words;
  } catch (const WriteFailed& failure) {
    EXPECT_EQ(failure.status(), Status::resources);
    EXPECT_EQ(failure.what(), words);
  }
}

}  // namespace pleura::files::test
