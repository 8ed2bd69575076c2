#include "weights/text.hpp"

#include <gtest/gtest.h>

namespace pleura::weights {
namespace {

TEST(PlainText, AcceptsUtf8OfEveryLength) {
  for (const char* text :
       {"", "plain\ttext\r\n", "é", "ÿ", "肺", "\xed\x9f\xbf", "\xee\x80\x80", "😷", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_plain_text(text)) << text;
}

TEST(PlainText, RefusesMalformedUtf8) {
  for (const char* text : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "a\xc3", "\xe0\x80\x80", "\xe2\x82", "\xed\xa0\x80",
                           "\xf0\x80\x80\x80", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3("})
    EXPECT_FALSE(is_plain_text(text)) << excerpt(text);
}

TEST(PlainText, RefusesControlCharacters) {
  for (const char* text : {"\x1b[2J", "\a", "\x7f", "\xc2\x9b"}) EXPECT_FALSE(is_plain_text(text));
  EXPECT_FALSE(is_plain_text(std::string_view("a\0b", 3)));
}

TEST(Excerpt, ShortensAndCleans) {
  EXPECT_EQ(excerpt("a\x1b\xc3"), "a??");
  EXPECT_EQ(excerpt(std::string(81, 'x')), std::string(80, 'x') + "...");
  EXPECT_EQ(excerpt(std::string(80, 'x')), std::string(80, 'x'));
}

}  // namespace
}  // namespace pleura::weights
