#include "pleura/refused_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pleura::command {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::vector<RefusedFile> files(int count, const std::string& why) {
  std::vector<RefusedFile> files;
  for (int i = 0; i < count; ++i) files.push_back({"f" + std::to_string(i), why});
  return files;
}

TEST(RefusedFiles, NamesAFew) {
  EXPECT_THAT(lines_of(files(2, "empty")), ElementsAre("f0: empty", "f1: empty"));
  EXPECT_THAT(lines_of({}), SizeIs(0));
}

TEST(RefusedFiles, CountsTheRestOfAReasonWhateverItsFiguresAndQuotes) {
  std::vector<RefusedFile> many;
  for (int i = 0; i < 1000; ++i)
    many.push_back({"f", std::to_string(i) + " bytes of 'x" + std::string(i, 'a') + "', expected more"});
  const auto lines = lines_of(many);
  ASSERT_THAT(lines, SizeIs(21));
  EXPECT_THAT(lines.back(), testing::StartsWith("and 980 more: 999 bytes"));
}

TEST(RefusedFiles, CountsReasonsBeyondTen) {
  std::vector<RefusedFile> many;
  for (int i = 0; i < 1000; ++i) many.push_back({"f", "reason " + std::string(i + 1, 'a')});
  const auto lines = lines_of(many);
  ASSERT_THAT(lines, SizeIs(11));
  EXPECT_THAT(lines.back(), testing::StartsWith("and 990 more for other reasons"));
}

}  // namespace
}  // namespace pleura::command
