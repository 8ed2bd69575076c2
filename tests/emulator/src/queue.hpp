#pragma once
/// Streams, events and graphs as one queue of operations with what each must wait for. Nothing runs before the host
/// waits for it, and then no more than it must, latest first: work that was queued without a dependency on what it
/// needs finds it undone.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../include/cuda_runtime_api.h"

namespace emulator {

/// One queued copy, fill, kernel or host function.
struct Operation {
  std::string name;
  int device = 0;
  std::function<void(Operation&)> run;
  std::vector<std::shared_ptr<Operation>> after;  ///< emptied once it has run
  bool done = false;
  double seconds = 0;  ///< since the process began, when it ended: what events measure
  char queued_token = 0, start_token = 0, done_token = 0;  // ThreadSanitizer's
};
using OperationPtr = std::shared_ptr<Operation>;

/// The nodes of a captured or instantiated graph; `after` names earlier nodes by their index.
struct GraphNode {
  std::string name;
  std::function<void(Operation&)> run;
  std::vector<std::size_t> after;
};

struct Graph {
  std::vector<GraphNode> nodes;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;  ///< of the capture that it comes from
  std::thread::id thread;                                    ///< which began it
};

struct Event;

struct Stream {
  int device = 0;
  bool blocking = true;                 ///< waits for the legacy default stream, and it for this one
  OperationPtr last;                    ///< the newest operation
  std::vector<OperationPtr> waits_for;  ///< events to be waited for by the next operation
  Graph* capture = nullptr;             ///< set while the stream is being captured
  std::vector<std::size_t> capture_after;
};

struct Event {
  int device = 0;
  bool timed = true;
  OperationPtr recorded;
  Graph* capture = nullptr;  ///< recorded in a captured stream: these nodes
  std::vector<std::size_t> capture_after;
};

/// A device's legacy default stream.
[[nodiscard]] Stream& default_stream(int device);
[[nodiscard]] Stream* create_stream(bool blocking, int device);
void destroy_stream(Stream* stream);
[[nodiscard]] Event* create_event(bool timed, int device);
void destroy_event(Event* event);
[[nodiscard]] Graph* create_graph(Graph graph);
void destroy_graph(Graph* graph);
/// Ends the process where a handle, of `call`, is not of one of those, or of one that was destroyed.
void check_live(const char* call, const Stream* stream);
void check_live(const char* call, const Event* event);
void check_live(const char* call, const Graph* graph);
struct LiveHandles {
  std::size_t streams, events, graphs;
};
[[nodiscard]] LiveHandles live_handles();

/// Queues an operation behind what its stream has, or adds it to the graph that the stream is captured into.
void enqueue(Stream& stream, std::string name, std::function<void(Operation&)> run);
void record(Event& event, Stream& stream);
void wait(Stream& stream, const Event& event);

/// Runs what must run for these to be done.
void finish(const OperationPtr& operation);
void finish(Stream& stream);
void finish_device(int device);
/// Runs one operation that is ready and that nothing asked for yet, so that polling ends some time.
void progress();
/// Whether a capture forbids the calling thread what waits, allocates or frees.
[[nodiscard]] bool capture_forbids();

void launch(const Graph& graph, Stream& stream);
void begin_capture(Stream& stream, cudaStreamCaptureMode mode);
/// Ends the capture in every stream that was drawn into it.
void end_capture(const Graph* graph);

}  // namespace emulator
