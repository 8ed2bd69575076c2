#pragma once
/// Words of the room's messages.
#include <string>

namespace pleura::scan {

/// A figure for people: at most 4 significant digits, no trailing zeros.
[[nodiscard]] std::string number(double value);

/// "1 slice", "3 slices".
[[nodiscard]] std::string counted(long long count, const std::string& noun);

}  // namespace pleura::scan
