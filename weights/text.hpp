#pragma once
/// Texts that come from a file.
#include <string>
#include <string_view>

namespace pleura::weights {

/// True for well-formed UTF-8 without control characters other than tab and line ends.
[[nodiscard]] bool is_plain_text(std::string_view text);

/// A name from a file made safe to print: at most 80 characters, nothing but printable ASCII.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace pleura::weights
