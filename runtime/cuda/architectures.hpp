#pragma once
/// Which GPUs a build has code for.
#include <string>
#include <string_view>

namespace pleura::runtime::cuda {

struct Capability {
  int major = 0, minor = 0;
};

/// The architectures of this build as CMake lists them: "61-real,75-real,120"; empty on the emulator, which runs all.
[[nodiscard]] std::string_view built_architectures();

/// Empty where a GPU runs code built for these architectures; else one line: what it is, what the build has, which
/// build it needs. Machine code ("80-real") runs on the same major version and no lower a minor one, with an "a" on
/// exactly that one; a number without "-real" stands for machine code and PTX, which any later GPU runs.
[[nodiscard]] std::string missing_build(std::string_view gpu, const Capability& capability, std::string_view built);

}  // namespace pleura::runtime::cuda
