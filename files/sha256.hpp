#pragma once
/// SHA-256 (FIPS 180-4), by which a result names the weights that gave it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "files/sha256_blocks.hpp"

namespace pleura::files {

/// Takes bytes as they come; hex() ends it.
class Sha256 {
 public:
  void update(std::span<const std::uint8_t> bytes);
  /// 64 lower-case hexadecimal digits. Call once, last.
  [[nodiscard]] std::string hex();

 private:
  sha256::State state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, sha256::kBlockBytes> pending_{};
  std::size_t pending_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace pleura::files
