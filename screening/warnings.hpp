#pragma once
/// What a reader of the result should know about the CT that was screened.
#include <string>
#include <vector>

#include "screening/lungs.hpp"

namespace pleura::screening {

/// One sentence for each doubt: few or coarse slices, little of the chest covered, lungs cut off at the volume's ends
/// or sides, one lung far smaller than the other. Empty for a usual chest CT.
[[nodiscard]] std::vector<std::string> doubts(const Geometry& geometry, const Lungs& lungs);

}  // namespace pleura::screening
