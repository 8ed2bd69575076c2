#include "runtime/cuda/staging.hpp"

#include <algorithm>
#include <cstring>

#include "pleura/error.hpp"
#include "runtime/cuda/error.hpp"

namespace pleura::runtime::cuda {

Staging::Staging() {
  for (Buffer& buffer : buffers_) {
    void* memory = nullptr;
    check(cudaMallocHost(&memory, buffer_bytes), "cudaMallocHost of a buffer for uploads");
    buffer.memory.reset(static_cast<std::byte*>(memory));
  }
}

Staging::~Staging() {
  for (const Buffer& buffer : buffers_) try {
      buffer.sent.synchronize();
    } catch (const Error&) {  // the device is lost: nothing is on its way
    }
}

void Staging::upload(std::byte* device, const std::byte* host, std::int64_t bytes, cudaStream_t stream) {
  for (std::int64_t first = 0; first < bytes; first += buffer_bytes) {
    Buffer& buffer = buffers_[next_];
    next_ = 1 - next_;
    const auto count = static_cast<std::size_t>(std::min(buffer_bytes, bytes - first));
    buffer.sent.synchronize();  // at once where nothing was sent yet
    std::memcpy(buffer.memory.get(), host + first, count);
    check(cudaMemcpyAsync(device + first, buffer.memory.get(), count, cudaMemcpyHostToDevice, stream),
          "cudaMemcpyAsync to the device");
    buffer.sent.record(stream);
  }
}

void Staging::Free::operator()(std::byte* memory) const noexcept { report(cudaFreeHost(memory), "cudaFreeHost"); }

}  // namespace pleura::runtime::cuda
