#include "pleura/text.hpp"

#include <gtest/gtest.h>

#include "pleura/error.hpp"

namespace pleura {
namespace {

TEST(Printable, KeepsLetters) {
  for (const char* text :
       {"", "plain text", "M\xc3\xbcller", "\xe8\x82\xba", "\xf0\x9f\x98\xb7", "\xc2\xa0", "~ \xe2\x80\x93"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, ReplacesWhatMovesTheCursorOrTurnsTheText) {
  const std::pair<std::string_view, const char*> cases[] = {
      {{"a\0b", 3}, "a?b"},
      {"a\tb\nc\rd", "a?b?c?d"},
      {"\x1b[2J", "?[2J"},
      {"\x1b]0;title\a", "?]0;title?"},
      {"\x7f", "?"},
      {"\xc2\x80\xc2\x9b\xc2\x9f", "???"},
      {"\xd8\x9c", "?"},
      {"\xe2\x80\x8e\xe2\x80\x8f", "??"},
      {"\xe2\x80\xa8\xe2\x80\xa9", "??"},
      {"\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae", "?????"},
      {"\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9", "????"},
      {"\xef\xbf\xb9", "?"},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(printable(text), shown);
}

TEST(Printable, ReplacesEachByteThatIsNotUtf8) {
  const std::pair<const char*, const char*> cases[] = {
      {"\x80", "?"},
      {"\xc0\xaf", "??"},
      {"a\xc3", "a?"},
      {"\xc3(", "?("},
      {"\xe0\x80\x80", "???"},
      {"\xed\xa0\x80", "???"},
      {"\xf0\x9f\x98", "???"},
      {"\xf4\x90\x80\x80", "????"},
      {"\xff", "?"},
      {"caf\xe9 noir", "caf? noir"},
      {"\x9b"
       "31m",
       "?31m"},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(printable(text), shown);
}

TEST(Printable, TakesAnotherSubstitute) { EXPECT_EQ(printable("a\nb\xff", '_'), "a_b_"); }

TEST(Error, SaysOneLine) { EXPECT_STREQ(Error(Status::usage, "x\x1b[1m\ny").what(), "x?[1m?y"); }

}  // namespace
}  // namespace pleura
