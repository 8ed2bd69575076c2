#pragma once
/// Streams, events and graphs as one queue of operations with what each must wait for. Nothing runs before the host
/// waits for it, and then no more than it must, latest first: work that was queued without a dependency on what it
/// needs finds it undone.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace emulator {

/// One queued copy, fill, kernel or host function.
struct Operation {
  std::string name;
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
  OperationPtr recorded;
  Graph* capture = nullptr;  ///< recorded in a captured stream: these nodes
  std::vector<std::size_t> capture_after;
};

/// The stream a handle stands for; null is the legacy default stream.
[[nodiscard]] Stream& stream_of(Stream* handle);
[[nodiscard]] Stream* create_stream(bool blocking, int device);
void destroy_stream(Stream* stream);

/// Queues an operation behind what its stream has, or adds it to the graph that the stream is captured into.
void enqueue(Stream& stream, std::string name, std::function<void(Operation&)> run);
void record(Event& event, Stream& stream);
void wait(Stream& stream, const Event& event);

/// Runs what must run for these to be done.
void finish(const OperationPtr& operation);
void finish(Stream& stream);
void finish_all();
/// Runs one operation that is ready and that nothing asked for yet, so that polling ends some time.
void progress();
[[nodiscard]] bool anything_captured();

void launch(const Graph& graph, Stream& stream);
/// Ends the capture in every stream that was drawn into it.
void end_capture(const Graph* graph);

}  // namespace emulator
