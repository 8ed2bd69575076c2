#include "report/names.hpp"

#include <array>
#include <cstdio>

namespace pleura::report {
namespace {

constexpr Colour kCovid{255, 112, 82}, kInfluenza{255, 204, 77}, kNeutral{158, 172, 186}, kGood{126, 211, 133};

}  // namespace

std::string display_name(Label label) {
  switch (label) {
    case Label::covid19:
      return "COVID-19";
    case Label::influenza_a:
      return "influenza A";
    case Label::irrelevant:
      break;
  }
  return "irrelevant";
}

std::string display_name(CaseLabel label) {
  switch (label) {
    case CaseLabel::covid19:
      return "COVID-19";
    case CaseLabel::influenza_a:
      return "influenza A";
    case CaseLabel::no_infection_found:
      break;
  }
  return "no infection found";
}

Colour colour_of(Label label) {
  return label == Label::covid19 ? kCovid : label == Label::influenza_a ? kInfluenza : kNeutral;
}

Colour colour_of(CaseLabel label) {
  return label == CaseLabel::covid19 ? kCovid : label == CaseLabel::influenza_a ? kInfluenza : kGood;
}

std::string fixed_text(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string probability_text(double value) {
  for (int digits = 3; digits < 6; ++digits) {
    std::string text = fixed_text(value + 0.0, digits);  // no negative zero
    if (value >= 1 || text.front() == '0') return text;
  }
  return "1.000";
}

std::string picture_name(std::size_t index) {
  const std::string number = std::to_string(index + 1);
  return "region_" + std::string(number.size() < 2 ? 1 : 0, '0') + number + ".png";
}

}  // namespace pleura::report
