#pragma once
/// Whether the machine's driver serves this build.
#include <string>

namespace pleura::runtime::cuda {

/// Empty where a driver runs what was built with a runtime, else one line: what there is, what is needed. Both as CUDA
/// numbers its versions, 12090 for 12.9; a driver of version 0 is none. A driver serves all runtimes of its own major
/// version and of those before.
[[nodiscard]] std::string missing_driver(int driver, int runtime);

}  // namespace pleura::runtime::cuda
