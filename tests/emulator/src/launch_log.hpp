#pragma once
/// Which kernels were run, in which kind of build: at exit each is appended to the file that EMULATOR_LAUNCH_LOG names,
/// as "BUILD<tab>COUNT<tab>KERNEL", BUILD being plain, asan or tsan.
#include <string>

namespace emulator {

/// Under the lock of call.hpp.
void log_launch(const std::string& kernel);

}  // namespace emulator
