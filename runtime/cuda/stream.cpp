#include "runtime/cuda/stream.hpp"

#include "runtime/cuda/error.hpp"

namespace pleura::runtime::cuda {

Stream::Stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  stream_.reset(stream);
}

void Stream::synchronize() const { check(cudaStreamSynchronize(get()), "cudaStreamSynchronize"); }

void Stream::Destroy::operator()(cudaStream_t stream) const noexcept {
  report(cudaStreamDestroy(stream), "cudaStreamDestroy");
}

Event::Event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event), "cudaEventCreate");
  event_.reset(event);
}

void Event::record(cudaStream_t stream) { check(cudaEventRecord(event_.get(), stream), "cudaEventRecord"); }

void Event::synchronize() const { check(cudaEventSynchronize(event_.get()), "cudaEventSynchronize"); }

void Event::hold(cudaStream_t stream) const {
  check(cudaStreamWaitEvent(stream, event_.get(), 0), "cudaStreamWaitEvent");
}

double Event::seconds_since(const Event& start) const {
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, start.event_.get(), event_.get()), "cudaEventElapsedTime");
  return 1e-3 * static_cast<double>(milliseconds);
}

void Event::Destroy::operator()(cudaEvent_t event) const noexcept {
  report(cudaEventDestroy(event), "cudaEventDestroy");
}

Graph::Graph(cudaStream_t stream, const std::function<void()>& body) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  cudaGraph_t recorded = nullptr;
  try {
    body();
  } catch (...) {
    static_cast<void>(cudaStreamEndCapture(stream, &recorded));  // the stream is of use again; the cause is thrown
    if (recorded) static_cast<void>(cudaGraphDestroy(recorded));
    static_cast<void>(cudaGetLastError());
    throw;
  }
  check(cudaStreamEndCapture(stream, &recorded), "cudaStreamEndCapture");
  cudaGraphExec_t graph = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&graph, recorded, 0);
  report(cudaGraphDestroy(recorded), "cudaGraphDestroy");
  check(error, "cudaGraphInstantiate");
  graph_.reset(graph);
}

void Graph::launch(cudaStream_t stream) const { check(cudaGraphLaunch(graph_.get(), stream), "cudaGraphLaunch"); }

void Graph::Destroy::operator()(cudaGraphExec_t graph) const noexcept {
  report(cudaGraphExecDestroy(graph), "cudaGraphExecDestroy");
}

}  // namespace pleura::runtime::cuda
