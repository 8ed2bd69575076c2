#pragma once
/// Characters of UTF-8.
#include <cstdint>
#include <string_view>

namespace pleura::runtime {

struct Utf8 {
  std::uint32_t code = 0;  ///< the character's number in Unicode
  std::size_t bytes = 0;   ///< how many it takes; 0: the text does not begin with well-formed UTF-8
};

/// The first character of a text that is not empty.
[[nodiscard]] Utf8 first_character(std::string_view text);

}  // namespace pleura::runtime
