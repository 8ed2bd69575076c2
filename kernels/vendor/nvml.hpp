#pragma once
/// What an NVIDIA GPU's driver says of its clock, heat and power, by the driver's NVML, which is opened while the
/// program runs. Nothing is linked, and no header of NVIDIA's is needed.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/vendor/search.hpp"

namespace pleura::kernels::vendor {

/// What was read between two moments. A figure that the GPU does not tell stays 0.
struct GpuState {
  unsigned readings = 0;                       ///< 0: nothing was read
  unsigned sm_mhz_least = 0, sm_mhz_most = 0;  ///< the multiprocessors' clock
  unsigned celsius = 0;                        ///< at most
  double watts = 0;                            ///< at most
  /// What held the clocks down at any reading: "power", "heat", "power brake", "hardware", "setting", "other GPUs".
  std::vector<std::string> held_down_by;
};

class GpuSensors {
 public:
  /// Of the GPU at that place on the bus, "0000:65:00.0", by the library that PLEURA_NVML names, else the loader's.
  /// Where it cannot be had, why() says so and nothing is ever read.
  GpuSensors(const std::string& pci_bus_id, const Surroundings& around);

  /// Empty where it can be read.
  [[nodiscard]] const std::string& why() const { return why_; }

  /// Reads once: tens of microseconds.
  void read();

  /// What was read since the last call.
  [[nodiscard]] GpuState take();

 private:
  struct Library;
  std::shared_ptr<const Library> library_;
  void* device_ = nullptr;
  std::string why_;
  GpuState state_;
  std::uint64_t reasons_ = 0;
};

}  // namespace pleura::kernels::vendor
