#pragma once
/// kernels/instrument.hpp on the CPU.
#include <memory>

#include "kernels/instrument.hpp"
#include "runtime/device.hpp"

namespace pleura::kernels::cpu {

[[nodiscard]] std::unique_ptr<Instrument> make_instrument(runtime::Device& device);

}  // namespace pleura::kernels::cpu
