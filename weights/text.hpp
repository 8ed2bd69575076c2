#pragma once
/// Texts that come from a file.
#include <string>
#include <string_view>

namespace pleura::weights {

/// True for well-formed UTF-8 without control characters other than tab and line ends.
[[nodiscard]] bool is_plain_text(std::string_view text);

/// A name from a file made printable, of its first 80 bytes.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace pleura::weights
