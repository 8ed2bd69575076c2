#pragma once
/// Lines of the tables.
#include <array>
#include <cstdarg>
#include <cstdio>
#include <string>

namespace pleura::api {

/// What printf makes of it, at most 255 characters.
[[gnu::format(printf, 1, 2)]] inline std::string printed(const char* format, ...) {
  std::array<char, 256> line{};
  va_list values;
  va_start(values, format);
  std::vsnprintf(line.data(), line.size(), format, values);
  va_end(values);
  return line.data();
}

}  // namespace pleura::api
