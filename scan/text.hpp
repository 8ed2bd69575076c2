#pragma once
/// Words of the room's messages.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/words.hpp"

namespace pleura::scan {

/// A figure for people: at most 4 significant digits, no trailing zeros.
[[nodiscard]] std::string number(double value);

/// "0.7 x 0.7 x 2.5".
[[nodiscard]] std::string product(const std::array<double, 3>& factors);

/// The number that a text is: the whole of it, finite; nothing where it is none ("1,5", "12abc", "1e999", "nan").
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// The words of a text, which spaces and tabs part.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

/// "1 slice", "3 slices".
[[nodiscard]] std::string counted(long long count, const std::string& noun);

using runtime::printable;
using runtime::without_file;

/// In lower case (ASCII).
[[nodiscard]] std::string lower(std::string text);

}  // namespace pleura::scan
