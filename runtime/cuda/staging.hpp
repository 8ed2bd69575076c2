#pragma once
/// Page-locked memory that large uploads go through.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/cuda/stream.hpp"

namespace pleura::runtime::cuda {

/// Two buffers in turns: while one is on its way the other is filled. From pageable memory the driver does the same,
/// but holds the host up until the last byte has been taken. Of one device, current where it is called.
class Staging {
 public:
  static constexpr std::int64_t buffer_bytes = 4 << 20;

  Staging();
  /// Waits for what is on its way.
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Queues a copy; the host's bytes are of no more use when it returns.
  void upload(std::byte* device, const std::byte* host, std::int64_t bytes, cudaStream_t stream);

 private:
  struct Free {
    void operator()(std::byte* memory) const noexcept;
  };
  struct Buffer {
    std::unique_ptr<std::byte, Free> memory;
    Event sent;
  };
  std::array<Buffer, 2> buffers_;
  std::size_t next_ = 0;
};

}  // namespace pleura::runtime::cuda
