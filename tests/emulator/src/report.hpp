#pragma once
/// How the emulator says that it caught a bug: one line, then the process ends, so that no test passes by luck.

namespace emulator {

/// Prints "emulator: KIND: MESSAGE" with the kernel, block and thread that run, and aborts.
[[noreturn]] void fail(const char* kind, const char* format, ...) __attribute__((format(printf, 2, 3)));

}  // namespace emulator
