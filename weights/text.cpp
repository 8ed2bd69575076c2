#include "weights/text.hpp"

#include "pleura/text.hpp"
#include "runtime/utf8.hpp"

namespace pleura::weights {

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const auto [code, bytes] = runtime::first_character(text);
    const bool line_end_or_tab = code == '\t' || code == '\n' || code == '\r';
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    if (bytes == 0 || (control && !line_end_or_tab)) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string excerpt(std::string_view text) {
  return text.size() > 80 ? printable(text.substr(0, 80)) + "..." : printable(text);
}

}  // namespace pleura::weights
