#include "pleura/text.hpp"

#include <algorithm>

#include "pleura/error.hpp"
#include "runtime/utf8.hpp"
#include "runtime/words.hpp"

namespace pleura {
namespace runtime {

Utf8 first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes > text.size()) return {};
  std::uint32_t code = lead & (0x7fU >> bytes);
  for (const char c : text.substr(1, bytes - 1)) {
    const auto next = static_cast<unsigned char>(c);
    if ((next & 0xc0U) != 0x80U) return {};
    code = code << 6 | (next & 0x3fU);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return overlong || surrogate || code > 0x10ffff ? Utf8{} : Utf8{code, bytes};
}

namespace {

bool may_be_shown(std::uint32_t code) {
  struct Range {
    std::uint32_t first, last;
  };
  constexpr Range hidden[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},  {0x200e, 0x200f},
                              {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfff9, 0xfffb}};
  return std::ranges::none_of(hidden, [&](Range range) { return code >= range.first && code <= range.last; });
}

}  // namespace
}  // namespace runtime

std::string printable(std::string_view text, char substitute) {
  std::string shown;
  while (!text.empty()) {
    const auto [code, bytes] = runtime::first_character(text);
    if (bytes > 0 && runtime::may_be_shown(code))
      shown += text.substr(0, bytes);
    else
      shown += substitute;
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return shown;
}

namespace runtime {

std::string printable(std::string_view text) {
  const std::string result = pleura::printable(text);
  const auto first = result.find_first_not_of(' ');
  return first == std::string::npos ? "" : result.substr(first, result.find_last_not_of(' ') - first + 1);
}

std::string without_file(const std::string& message, const std::filesystem::path& file) {
  const std::string prefix = pleura::printable(file.string()) + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace runtime

Error::Error(Status status, const std::string& message) : std::runtime_error(printable(message)), status_(status) {}

}  // namespace pleura
