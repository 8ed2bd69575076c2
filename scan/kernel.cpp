#include "scan/kernel.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "scan/text.hpp"

namespace pleura::scan {

bool is_lung_kernel(const std::string& name) {
  const std::string kernel = lower(name.substr(0, name.find('\\')));  // Siemens puts an iteration strength second
  for (const auto* word : {"lung", "bone", "edge"})
    if (kernel.find(word) != std::string::npos) return true;
  const auto is_one_of = [](const std::string& text, auto&& names) {
    return std::find(names.begin(), names.end(), text) != names.end();
  };
  if (is_one_of(kernel, std::array{"l", "yc", "yd", "ye"})) return true;
  const std::string letters = kernel.substr(0, kernel.find_first_of("0123456789"));
  int sharpness = 0;
  std::from_chars(kernel.data() + letters.size(), kernel.data() + kernel.size(), sharpness);
  if (letters == "fc") return sharpness / 10 == 5 || sharpness / 10 == 8;
  if (letters == "bl") return sharpness > 0;
  return is_one_of(letters, std::array{"b", "i", "br", "bv", "qr"}) && sharpness >= 55 && sharpness < 100;
}

}  // namespace pleura::scan
