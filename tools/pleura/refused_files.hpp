#pragma once
/// The files that reading could not use, for people: of many alike the first ones and their number.
#include <string>
#include <vector>

#include "pleura/pleura.hpp"

namespace pleura::command {

/// "PATH: WHY" of each, a reason together: after 20 of one, whatever its figures and quoted words, a line says how many
/// more there are; so for those beyond ten reasons.
[[nodiscard]] std::vector<std::string> lines_of(const std::vector<RefusedFile>& files);

}  // namespace pleura::command
