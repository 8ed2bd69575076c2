#include "report/names.hpp"

#include <array>
#include <cstdio>

namespace pleura::report {
namespace {

constexpr Colour kCovid{255, 112, 82}, kInfluenza{255, 204, 77}, kNeutral{158, 172, 186}, kGood{126, 211, 133},
    kUndecided{214, 184, 160};

}  // namespace

bool has_both(const CaseResult& found) { return found.p_covid19 > 0 && found.p_influenza_a > 0; }

bool is_undecided(const CaseResult& found) { return has_both(found) && found.confidence < kDecided; }

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

std::string headline(const CaseResult& found) {
  if (found.result == CaseLabel::no_infection_found) return display_name(found.result);
  const std::string infection = "infection found, P " + probability_text(found.p_infection) + "; ";
  if (!has_both(found)) return infection + display_name(found.result);
  const std::string confidence = std::string("(").append(probability_text(found.confidence)).append(")");
  if (!is_undecided(found)) return infection + display_name(found.result) + " " + confidence;
  const CaseLabel other = found.result == CaseLabel::covid19 ? CaseLabel::influenza_a : CaseLabel::covid19;
  return infection + display_name(found.result) + " or " + display_name(other) + ": undecided " + confidence;
}

Colour headline_colour(const CaseResult& found) { return is_undecided(found) ? kUndecided : colour_of(found.result); }

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
