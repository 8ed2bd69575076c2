#pragma once
/// The part of CUDA's driver_types.h that headers of CUDA's libraries ask for.
#include "cuda_runtime_api.h"
