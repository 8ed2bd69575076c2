#pragma once
/// What random weights are drawn from.
#include <cstdint>
#include <string>
#include <vector>

namespace pleura {

/// Random He-scaled weights of a whole model (docs/weights-format.md): the same bytes for the same seed everywhere.
struct RandomWeights {
  std::string architecture = "vnet-ir-rpn";  ///< vnet, vnet-monai, vnet-rpn, vnet-ir-rpn, classifier-m1, classifier-m2
  std::uint64_t seed = 0;
  std::vector<std::int64_t> channels;  ///< empty: the paper's 16, 32, 64, 128, 256
  bool fp16 = false;                   ///< store half precision
};

}  // namespace pleura
