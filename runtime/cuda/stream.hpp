#pragma once
/// Streams, events and graphs of the current CUDA device, as RAII types.
#include <cuda_runtime_api.h>

#include <functional>
#include <memory>
#include <type_traits>

#include "runtime/step.hpp"

namespace pleura::runtime::cuda {

/// Where a step of a CUDA device is to queue its work.
[[nodiscard]] inline cudaStream_t queue_of(const runtime::Stream& stream) {
  return static_cast<cudaStream_t>(stream.device);
}

/// A queue of device work, not ordered with the default stream.
class Stream {
 public:
  Stream();
  [[nodiscard]] cudaStream_t get() const { return stream_.get(); }
  /// Waits for all that was queued; throws what went wrong in it.
  void synchronize() const;

 private:
  struct Destroy {
    void operator()(cudaStream_t stream) const noexcept;
  };
  std::unique_ptr<std::remove_pointer_t<cudaStream_t>, Destroy> stream_;
};

/// A point of a stream that can be waited for and timed.
class Event {
 public:
  Event();
  void record(cudaStream_t stream);
  void synchronize() const;
  /// Makes a stream wait for this event, not the host.
  void hold(cudaStream_t stream) const;
  /// Seconds on the device from an earlier event to this one; both have happened.
  [[nodiscard]] double seconds_since(const Event& start) const;

 private:
  struct Destroy {
    void operator()(cudaEvent_t event) const noexcept;
  };
  std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, Destroy> event_;
};

/// Work recorded once and launched as one.
class Graph {
 public:
  /// Records what `body` queues on the stream; nothing of it runs yet, and body allocates nothing on the device.
  Graph(cudaStream_t stream, const std::function<void()>& body);
  void launch(cudaStream_t stream) const;

 private:
  struct Destroy {
    void operator()(cudaGraphExec_t graph) const noexcept;
  };
  std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, Destroy> graph_;
};

}  // namespace pleura::runtime::cuda
