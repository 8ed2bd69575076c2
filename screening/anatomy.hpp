#pragma once
/// Whether what the CT shows contradicts what its header says of front, back, head and feet.
#include <string>
#include <vector>

#include "pleura/volume.hpp"
#include "screening/lungs.hpp"

namespace pleura::screening {

/// A sentence where the spine lies in front of the lungs, or the trachea at their lower end; else empty. Left and right
/// alone look alike. Errs on the side of silence: part of a chest does not tell.
[[nodiscard]] std::vector<std::string> contradictions(const Volume& volume, const Lungs& lungs, int threads);

}  // namespace pleura::screening
