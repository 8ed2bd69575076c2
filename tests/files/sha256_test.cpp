#include "files/sha256.hpp"

#include <gtest/gtest.h>

namespace pleura::files {
namespace {

std::span<const std::uint8_t> bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string sha256(const std::string& text) {
  Sha256 hash;
  hash.update(bytes(text));
  return hash.hex();
}

TEST(Sha256, AgreesWithTheStandardsExamples) {  // FIPS 180-4, NIST's example values
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
  const std::string text(300, 'x');
  for (std::size_t first = 0; first <= text.size(); ++first) {
    Sha256 hash;
    hash.update(bytes(text).first(first));
    hash.update(bytes(text).subspan(first));
    ASSERT_EQ(hash.hex(), sha256(text)) << first;
  }
}

}  // namespace
}  // namespace pleura::files
