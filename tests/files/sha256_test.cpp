#include "files/sha256.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

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

/// One block, padded: "abc" of the standard's first example.
TEST(Sha256, GivesTheStandardsExampleByEveryArithmetic) {
  std::array<std::uint8_t, sha256::kBlockBytes> block{'a', 'b', 'c', 0x80};
  block.back() = 24;  // bits
  const sha256::State start{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const sha256::State expected{0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                               0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
  sha256::State state = start;
  sha256::portable_blocks(state, block.data(), 1);
  EXPECT_EQ(state, expected);
  if (const sha256::Blocks instructed = sha256::instructed_blocks()) {
    state = start;
    instructed(state, block.data(), 1);
    EXPECT_EQ(state, expected);
  }
}

TEST(Sha256, IsTheSameByInstructionsAsByPortableArithmetic) {
  const sha256::Blocks instructed = sha256::instructed_blocks();
  if (instructed == nullptr) GTEST_SKIP() << "this processor has no instructions for SHA-256";
  std::mt19937 random(1);
  for (std::size_t count = 0; count < 40; ++count) {
    sha256::State portable, by_instructions;
    for (std::uint32_t& word : portable) word = static_cast<std::uint32_t>(random());
    by_instructions = portable;
    std::vector<std::uint8_t> data(count * sha256::kBlockBytes + 1);  // from an odd address on
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random());
    sha256::portable_blocks(portable, data.data() + 1, count);
    instructed(by_instructions, data.data() + 1, count);
    ASSERT_EQ(by_instructions, portable) << count << " blocks";
  }
}

}  // namespace
}  // namespace pleura::files
