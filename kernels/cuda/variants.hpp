#pragma once
/// The variants of the CUDA backend, a list for each family of kernels. A variant whose kernels the current device
/// cannot run supports nothing.
#include "kernels/backend.hpp"

namespace pleura::kernels::cuda {}
