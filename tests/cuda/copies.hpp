#pragma once
/// Copies that are waited for.
#include "runtime/cuda/error.hpp"

namespace pleura::test {

inline void to_device(void* device, const void* host, std::int64_t bytes) {
  runtime::cuda::check(cudaMemcpy(device, host, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice),
                       "copy to the device");
  // From pageable memory it returns once the bytes are staged, before they have arrived, and no stream waits for it.
  runtime::cuda::check(cudaStreamSynchronize(nullptr), "copy to the device");
}

inline void to_host(void* host, const void* device, std::int64_t bytes) {
  runtime::cuda::check(cudaMemcpy(host, device, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost),
                       "copy from the device");
}

}  // namespace pleura::test
