#include "runtime/cuda/driver.hpp"

namespace pleura::runtime::cuda {

std::string missing_driver(int driver, int runtime) {
  const int major = runtime / 1000;
  if (driver / 1000 >= major) return {};
  const std::string found = driver == 0 ? "there is no NVIDIA driver"
                                        : "the NVIDIA driver is for CUDA " + std::to_string(driver / 1000) + "." +
                                              std::to_string(driver % 1000 / 10);
  const char* const release = major == 12 ? ", which is 525 or later" : major == 13 ? ", which is 580 or later" : "";
  return found + ", expected one for CUDA " + std::to_string(major) + " or later" + release;
}

}  // namespace pleura::runtime::cuda
