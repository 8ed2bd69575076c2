#include "screening/noisy_or.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pleura::screening {

double log_noisy_or_complement(const std::vector<Region>& regions, Label type) {
  std::vector<double> terms;
  for (const Region& region : regions)
    if (region.label == type) terms.push_back(region.log_one_minus_confidence);
  std::sort(terms.begin(), terms.end());
  return std::accumulate(terms.begin(), terms.end(), 0.0);
}

CaseResult decide_case(const std::vector<Region>& regions) {
  const double covid19 = log_noisy_or_complement(regions, Label::covid19);
  const double influenza_a = log_noisy_or_complement(regions, Label::influenza_a);
  CaseResult result;
  result.p_covid19 = 0 - std::expm1(covid19);  // 0 - 0 is +0, where -0 would be printed as such
  result.p_influenza_a = 0 - std::expm1(influenza_a);
  result.p_infection = 0 - std::expm1(covid19 + influenza_a);
  if (covid19 == 0 && influenza_a == 0) return CaseResult{};

  if (covid19 == 0 || influenza_a == 0) {
    result.s_covid19 = result.p_covid19;
    result.s_influenza_a = result.p_influenza_a;
  } else {
    result.s_covid19 = 1 / (1 + std::exp(result.p_influenza_a - result.p_covid19));
    result.s_influenza_a = 1 / (1 + std::exp(result.p_covid19 - result.p_influenza_a));
  }
  const bool is_covid19 = covid19 <= influenza_a;
  result.result = is_covid19 ? CaseLabel::covid19 : CaseLabel::influenza_a;
  result.confidence = is_covid19 ? result.s_covid19 : result.s_influenza_a;
  return result;
}

}  // namespace pleura::screening
