#include "scan/text.hpp"

#include <algorithm>
#include <sstream>

#include "pleura/text.hpp"

namespace pleura::scan {

std::string number(double value) {
  std::ostringstream text;
  text.precision(4);
  text << value;
  return text.str();
}

std::string counted(long long count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string printable(std::string_view text) {
  const std::string result = pleura::printable(text);
  const auto first = result.find_first_not_of(' ');
  return first == std::string::npos ? "" : result.substr(first, result.find_last_not_of(' ') - first + 1);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace pleura::scan
