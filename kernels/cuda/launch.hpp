#pragma once
/// What launchers use of the runtime.
#include "runtime/cuda/error.hpp"
#include "runtime/cuda/launch.hpp"

namespace pleura::kernels::cuda {

using runtime::cuda::blocks_for;
using runtime::cuda::check;
using runtime::cuda::check_launch;

}  // namespace pleura::kernels::cuda
