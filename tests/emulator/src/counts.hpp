#pragma once
/// Counts what include/cuda_emulator.h tells; under the lock of call.hpp.
#include <cstddef>

namespace emulator {

void count_allocation();
void count_upload(std::size_t bytes);
void count_download(std::size_t bytes);
void count_kernel();

}  // namespace emulator
