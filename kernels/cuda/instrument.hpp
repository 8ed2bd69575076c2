#pragma once
/// kernels/instrument.hpp on a CUDA device.
#include <memory>

#include "kernels/instrument.hpp"
#include "runtime/device.hpp"

namespace pleura::kernels::cuda {

[[nodiscard]] std::unique_ptr<Instrument> make_instrument(runtime::Device& device);

}  // namespace pleura::kernels::cuda
