// The CUDA runtime's host calls for streams, events and graphs.
#include "../include/cuda_runtime_api.h"
#include "call.hpp"
#include "handles.hpp"

using namespace emulator;

namespace {

cudaError_t make_stream(const char* name, cudaStream_t* stream, unsigned flags) {
  return call(name, [&] {
    *stream = create_stream((flags & cudaStreamNonBlocking) == 0, current_device());
    return cudaSuccess;
  });
}

cudaError_t make_event(const char* name, cudaEvent_t* event, unsigned flags) {
  return call(name, [&] {
    *event = create_event((flags & cudaEventDisableTiming) == 0, current_device());
    return cudaSuccess;
  });
}

/// A call with a stream, an event or a graph, which is not null.
template <class Handle, class Body>
cudaError_t call_with(const char* name, Handle handle, const Body& body) {
  return call(name, [&] {
    if (!handle) return cudaErrorInvalidResourceHandle;
    check_live(name, handle);
    return body();
  });
}

template <class Handle, class Body>
cudaError_t ending_call_with(const char* name, Handle handle, const Body& body) {
  return ending_call(name, [&] {
    if (!handle) return cudaErrorInvalidResourceHandle;
    check_live(name, handle);
    body();
    return cudaSuccess;
  });
}

bool pending(const OperationPtr& operation) {
  if (operation && !operation->done) progress();
  return operation && !operation->done;
}

}  // namespace

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return make_stream("cudaStreamCreate", stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return make_stream("cudaStreamCreateWithFlags", stream, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return ending_call_with("cudaStreamDestroy", stream, [&] { destroy_stream(stream); });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return ending_call("cudaStreamSynchronize", [&] {
    Stream& waited = stream_of("cudaStreamSynchronize", stream);
    if (waited.capture) return cudaErrorStreamCaptureUnsupported;
    finish(waited);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return call("cudaStreamQuery",
              [&] { return pending(stream_of("cudaStreamQuery", stream).last) ? cudaErrorNotReady : cudaSuccess; });
}

// Of any devices.
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return call_with("cudaStreamWaitEvent", event, [&] {
    wait(stream_of("cudaStreamWaitEvent", stream), *event);
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return make_event("cudaEventCreate", event, cudaEventDefault); }

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return make_event("cudaEventCreateWithFlags", event, flags);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return ending_call_with("cudaEventDestroy", event, [&] { destroy_event(event); });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return call_with("cudaEventRecord", event, [&] {
    Stream& recorded = stream_of("cudaEventRecord", stream);
    if (recorded.device != event->device) return cudaErrorInvalidResourceHandle;
    record(*event, recorded);
    return cudaSuccess;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return ending_call_with("cudaEventSynchronize", event, [&] { finish(event->recorded); });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return call_with("cudaEventQuery", event, [&] { return pending(event->recorded) ? cudaErrorNotReady : cudaSuccess; });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return call_with("cudaEventElapsedTime", start, [&] {
    if (!end) return cudaErrorInvalidResourceHandle;
    check_live("cudaEventElapsedTime", end);
    if (start->device != end->device || !start->timed || !end->timed || !start->recorded || !end->recorded)
      return cudaErrorInvalidResourceHandle;
    if (!start->recorded->done || !end->recorded->done) return cudaErrorNotReady;
    *milliseconds = static_cast<float>((end->recorded->seconds - start->recorded->seconds) * 1e3);
    return cudaSuccess;
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, void (*function)(void*), void* data) {
  return call("cudaLaunchHostFunc", [&] {
    enqueue(stream_of("cudaLaunchHostFunc", stream), "cudaLaunchHostFunc", [=](Operation&) { function(data); });
    return cudaSuccess;
  });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return call("cudaStreamBeginCapture", [&] {
    if (!stream || stream_of("cudaStreamBeginCapture", stream).capture) return cudaErrorStreamCaptureUnsupported;
    begin_capture(*stream, mode);
    return cudaSuccess;
  });
}

// Where it fails the capture has ended all the same, without a graph.
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  const cudaError_t error = ending_call("cudaStreamEndCapture", [&] {
    if (!stream || !stream_of("cudaStreamEndCapture", stream).capture) return cudaErrorStreamCaptureInvalidated;
    const Graph& captured = *stream->capture;
    if (captured.mode != cudaStreamCaptureModeRelaxed && captured.thread != std::this_thread::get_id())
      return cudaErrorStreamCaptureWrongThread;
    *graph = stream->capture;
    end_capture(*graph);
    return cudaSuccess;
  });
  if (error == cudaSuccess || !*graph) return error;
  const Lock lock;
  destroy_graph(*graph);
  *graph = nullptr;
  return error;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  return call_with("cudaGraphInstantiate", graph, [&] {
    *executable = create_graph(*graph);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return call_with("cudaGraphLaunch", executable, [&] {
    launch(*executable, stream_of("cudaGraphLaunch", stream));
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return ending_call_with("cudaGraphExecDestroy", executable, [&] { destroy_graph(executable); });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return ending_call_with("cudaGraphDestroy", graph, [&] { destroy_graph(graph); });
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, void**, std::size_t* count) {
  return call_with("cudaGraphGetNodes", graph, [&] {
    *count = graph->nodes.size();
    return cudaSuccess;
  });
}
