#pragma once
/// The arithmetic of SHA-256: a state taken through whole blocks of 64 bytes.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pleura::files::sha256 {

using State = std::array<std::uint32_t, 8>;
/// Takes a state through `count` blocks.
using Blocks = void (*)(State& state, const std::uint8_t* bytes, std::size_t count);

inline constexpr std::size_t kBlockBytes = 64;

/// On any processor.
void portable_blocks(State& state, const std::uint8_t* bytes, std::size_t count);

/// By the instructions that processors have for it; none on this machine: nullptr.
[[nodiscard]] Blocks instructed_blocks();

}  // namespace pleura::files::sha256
