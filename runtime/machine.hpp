#pragma once
/// What the program and the processor are that it runs on.
#include <string>
#include <vector>

namespace pleura::runtime {

/// The processor as the system names it; empty where it does not.
[[nodiscard]] std::string cpu_model();

/// Those of its instruction sets that some kernel is built for: "avx2", "avx512f", ...
[[nodiscard]] std::vector<std::string> cpu_instruction_sets();

/// Tells this build of pleura from any other: the linker's build id of the program or library that it lies in, or where
/// that has none its size and time.
[[nodiscard]] std::string build_id();

}  // namespace pleura::runtime
