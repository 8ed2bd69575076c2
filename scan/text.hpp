#pragma once
/// Words of the room's messages.
#include <string>
#include <string_view>

namespace pleura::scan {

/// A figure for people: at most 4 significant digits, no trailing zeros.
[[nodiscard]] std::string number(double value);

/// "1 slice", "3 slices".
[[nodiscard]] std::string counted(long long count, const std::string& noun);

/// Text of a file made printable, without the spaces at both ends.
[[nodiscard]] std::string printable(std::string_view text);

/// In lower case (ASCII).
[[nodiscard]] std::string lower(std::string text);

}  // namespace pleura::scan
