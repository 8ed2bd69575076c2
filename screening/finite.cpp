#include "screening/finite.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace pleura::screening {

void require_finite(const layers::HostTensor& output, const char* network) {
  const auto bad =
      std::find_if_not(output.values.begin(), output.values.end(), [](float v) { return std::isfinite(v); });
  if (bad == output.values.end()) return;
  throw Error(Status::weights_refused, std::string("the ") + network + "'s output holds " + std::to_string(*bad) +
                                           " at element " + std::to_string(bad - output.values.begin()) +
                                           ", expected finite numbers: its weights overflow");
}

}  // namespace pleura::screening
