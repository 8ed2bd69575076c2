#include "kernels/vendor/nvml.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "pleura/text.hpp"

namespace pleura::kernels::vendor {
namespace {

// Of nvml.h: what its functions take, and the bits of nvmlDeviceGetCurrentClocksThrottleReasons.
constexpr int nvml_success = 0, nvml_clock_sm = 1, nvml_temperature_gpu = 0;
struct Reason {
  std::uint64_t bits;
  const char* name;
};
constexpr Reason throttle_reasons[]{{0x4, "power"},    {0x20 | 0x40, "heat"},    {0x80, "power brake"},
                                    {0x8, "hardware"}, {0x2 | 0x100, "setting"}, {0x10, "other GPUs"}};

constexpr double milliwatts = 1e-3;

}  // namespace

struct GpuSensors::Library {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*by_bus)(const char*, void**) = nullptr;
  int (*clock)(void*, int, unsigned*) = nullptr;
  int (*temperature)(void*, int, unsigned*) = nullptr;
  int (*power)(void*, unsigned*) = nullptr;
  int (*throttle)(void*, unsigned long long*) = nullptr;

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (begun) static_cast<void>(shutdown());
  }

  bool begun = false;
};

GpuSensors::GpuSensors(const std::string& pci_bus_id, const Surroundings& around) {
  const std::string file = around.nvml.empty() ? "libnvidia-ml.so.1" : around.nvml;
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed, as the other libraries of NVIDIA's
  if (!handle) {
    const char* const words = dlerror();
    why_ = "NVML: " + (words ? printable(words) : file);
    return;
  }
  const auto library = std::make_shared<Library>();
  const auto load = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    if (!function && why_.empty()) why_ = std::string("NVML: it has no ") + name;
  };
  load(library->init, "nvmlInit_v2");
  load(library->shutdown, "nvmlShutdown");
  load(library->error_string, "nvmlErrorString");
  load(library->by_bus, "nvmlDeviceGetHandleByPciBusId_v2");
  load(library->clock, "nvmlDeviceGetClockInfo");
  load(library->temperature, "nvmlDeviceGetTemperature");
  load(library->power, "nvmlDeviceGetPowerUsage");
  load(library->throttle, "nvmlDeviceGetCurrentClocksThrottleReasons");
  if (!why_.empty()) return;
  const auto works = [&](int status, const char* call) {
    if (status == nvml_success) return true;
    const char* const words = library->error_string(status);
    why_ = std::string(call) + ": " + (words ? printable(words) : std::to_string(status));
    return false;
  };
  if (!works(library->init(), "nvmlInit")) return;
  library->begun = true;
  if (works(library->by_bus(pci_bus_id.c_str(), &device_), "nvmlDeviceGetHandleByPciBusId")) library_ = library;
}

void GpuSensors::read() {
  if (!library_) return;
  unsigned value = 0;
  unsigned long long reasons = 0;
  if (library_->clock(device_, nvml_clock_sm, &value) == nvml_success) {
    state_.sm_mhz_least = state_.readings == 0 ? value : std::min(state_.sm_mhz_least, value);
    state_.sm_mhz_most = std::max(state_.sm_mhz_most, value);
  }
  if (library_->temperature(device_, nvml_temperature_gpu, &value) == nvml_success)
    state_.celsius = std::max(state_.celsius, value);
  if (library_->power(device_, &value) == nvml_success) state_.watts = std::max(state_.watts, value * milliwatts);
  if (library_->throttle(device_, &reasons) == nvml_success) reasons_ |= reasons;
  ++state_.readings;
}

GpuState GpuSensors::take() {
  for (const Reason& reason : throttle_reasons)
    if ((reasons_ & reason.bits) != 0) state_.held_down_by.emplace_back(reason.name);
  reasons_ = 0;
  return std::exchange(state_, {});
}

}  // namespace pleura::kernels::vendor
