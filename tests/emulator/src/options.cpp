#include "options.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "block.hpp"
#include "report.hpp"

namespace emulator {

namespace {

Options from_environment() {
  Options read;
  if (const char* order = std::getenv("EMULATOR_ORDER")) {
    const std::string_view name(order);
    read.order = name == "reverse" ? Order::reverse : name == "random" ? Order::random : Order::forward;
  }
  if (const char* seed = std::getenv("EMULATOR_SEED"))
    read.seed = static_cast<std::uint32_t>(std::strtoul(seed, nullptr, 10));
  if (const char* threads = std::getenv("EMULATOR_THREADS"))
    read.os_threads = static_cast<int>(std::strtol(threads, nullptr, 10));
  if (const char* devices = std::getenv("EMULATOR_DEVICES"))
    read.devices = static_cast<int>(std::strtol(devices, nullptr, 10));
  if (const char* driver = std::getenv("EMULATOR_DRIVER"))
    read.driver = static_cast<int>(std::strtol(driver, nullptr, 10));
  if (const char* memory = std::getenv("EMULATOR_MEMORY")) read.device_memory = std::strtoull(memory, nullptr, 10);
  return read;
}

}  // namespace

Options& options() {
  static Options current = from_environment();
  return current;
}

void fail(const char* kind, const char* format, ...) {
  std::fprintf(stderr, "emulator: %s: ", kind);
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fprintf(stderr, "%s\n", describe_running_thread().c_str());
  std::abort();
}

}  // namespace emulator
