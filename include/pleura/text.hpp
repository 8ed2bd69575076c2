#pragma once
/// Text of files, names and arguments on its way to people.
#include <string>
#include <string_view>

#include "pleura/export.h"

namespace pleura {

/// The text as it may be shown on a terminal or in a picture: UTF-8 in one line. What would move the cursor, change the
/// direction of writing or break the line (control characters, bidirectional controls, line and paragraph separators),
/// and each byte that is not UTF-8, becomes the substitute.
[[nodiscard]] PLEURA_API std::string printable(std::string_view text, char substitute = '?');

}  // namespace pleura
