#include "screening/finite.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "pleura/error.hpp"

namespace pleura::screening {

void require_finite(const layers::HostTensor& output, const char* network) {
  if (!std::all_of(output.values.begin(), output.values.end(), [](float value) { return std::isfinite(value); }))
    throw Error(Status::weights_refused,
                std::string("the ") + network + "'s output holds values that are not finite: its weights overflow");
}

}  // namespace pleura::screening
