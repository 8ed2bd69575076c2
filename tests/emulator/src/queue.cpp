#include "queue.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_set>

#include "device_memory.hpp"
#include "fiber.hpp"
#include "options.hpp"
#include "report.hpp"
#include "sanitizers.hpp"

namespace emulator {

namespace {

template <class T>
class Registry {
 public:
  T* add(T value) { return all_.emplace_back(std::make_unique<T>(std::move(value))).get(); }
  void remove(const T* one) { all_.erase(find(one)); }
  void check(const char* call, const char* kind, const T* one) const {
    if (find(one) == all_.end())
      fail("dead handle", "%s: %p is no %s, or one that was destroyed", call, static_cast<const void*>(one), kind);
  }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  [[nodiscard]] auto find(const T* one) const {
    return std::find_if(all_.begin(), all_.end(), [&](const auto& each) { return each.get() == one; });
  }
  std::vector<std::unique_ptr<T>> all_;
};

struct Queue {
  std::map<int, Stream> default_streams;  // by device
  Registry<Stream> streams;
  Registry<Event> events;
  Registry<Graph> graphs;
  std::vector<OperationPtr> pending;  // in the order queued
  std::uint32_t random = 1;
};

Queue& queue() {
  static auto* instance = new Queue;
  return *instance;
}

double now() {
  static const auto begin = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Each operation runs on a fiber of its own: ThreadSanitizer then sees it ordered after its dependencies alone.
struct Running {
  Operation* operation;
  Fiber* host;
  Fiber* own;
};

void run_on_fiber(void* argument) {
  auto& running = *static_cast<Running*>(argument);
  Operation& operation = *running.operation;
  acquire(&operation.queued_token);
  for (const auto& before : operation.after) acquire(&before->done_token);
  release(&operation.start_token);
  operation.run(operation);
  release(&operation.done_token);
  acquire(&operation.done_token);  // the threads of a kernel read its arguments, which go with the function
  operation.run = nullptr;
  Fiber::switch_to(*running.own, *running.host);
}

void run(const OperationPtr& operation) {
  {
    const DeviceAccess access;
    Fiber host;
    Running running{operation.get(), &host, nullptr};
    Fiber own(&run_on_fiber, &running, operation_stack_bytes);
    running.own = &own;
    Fiber::switch_to(host, own);
  }
  operation->done = true;
  operation->seconds = now();
  operation->after.clear();
  auto& pending = queue().pending;
  pending.erase(std::find(pending.begin(), pending.end(), operation));
}

bool ready(const Operation& operation) {
  return std::all_of(operation.after.begin(), operation.after.end(), [](const auto& before) { return before->done; });
}

// Picks among the ready operations of `among`: the latest queued, the earliest, or any.
OperationPtr pick(const std::vector<OperationPtr>& among) {
  std::vector<OperationPtr> candidates;
  for (const auto& operation : among)
    if (ready(*operation)) candidates.push_back(operation);
  if (candidates.empty()) fail("streams", "queued operations wait for each other");
  switch (options().order) {
    case Order::reverse:
      return candidates.front();
    case Order::random:
      queue().random = queue().random * 1664525U + 1013904223U + options().seed;
      return candidates[(queue().random >> 8) % candidates.size()];
    case Order::forward:
      break;
  }
  return candidates.back();
}

// Of those operations, which are among them.
std::vector<OperationPtr> unfinished_ancestors(std::vector<OperationPtr> stack) {
  std::unordered_set<const Operation*> wanted;
  while (!stack.empty()) {
    const OperationPtr operation = stack.back();
    stack.pop_back();
    if (operation->done || !wanted.insert(operation.get()).second) continue;
    stack.insert(stack.end(), operation->after.begin(), operation->after.end());
  }
  std::vector<OperationPtr> found;
  for (const auto& operation : queue().pending)
    if (wanted.count(operation.get())) found.push_back(operation);
  return found;
}

void add_unfinished(std::vector<OperationPtr>& list, const OperationPtr& operation) {
  if (operation && std::find(list.begin(), list.end(), operation) == list.end()) list.push_back(operation);
}

OperationPtr queue_now(Stream& stream, std::string name, std::function<void(Operation&)> body,
                       std::vector<OperationPtr> after) {
  auto operation = std::make_shared<Operation>();
  operation->device = stream.device;
  operation->name = std::move(name);
  operation->run = std::move(body);
  operation->after = std::move(after);
  release(&operation->queued_token);
  queue().pending.push_back(operation);
  stream.last = operation;
  return operation;
}

// What the next operation of a stream must come after, by CUDA's rules for streams and the legacy default stream.
std::vector<OperationPtr> take_dependencies(Stream& stream) {
  std::vector<OperationPtr> after = std::move(stream.waits_for);
  stream.waits_for.clear();
  add_unfinished(after, stream.last);
  Stream& legacy = default_stream(stream.device);
  if (&stream == &legacy) {
    for (const auto& other : queue().streams)
      if (other->blocking && other->device == stream.device) add_unfinished(after, other->last);
  } else if (stream.blocking) {
    add_unfinished(after, legacy.last);
  }
  return after;
}

}  // namespace

Stream& default_stream(int device) {
  Stream& stream = queue().default_streams[device];
  stream.device = device;
  return stream;
}

Stream* create_stream(bool blocking, int device) {
  Stream stream;
  stream.blocking = blocking;
  stream.device = device;
  return queue().streams.add(std::move(stream));
}

void destroy_stream(Stream* stream) {
  finish(*stream);
  queue().streams.remove(stream);
}

Event* create_event(bool timed, int device) {
  Event event;
  event.timed = timed;
  event.device = device;
  return queue().events.add(std::move(event));
}

void destroy_event(Event* event) { queue().events.remove(event); }

Graph* create_graph(Graph graph) { return queue().graphs.add(std::move(graph)); }

void destroy_graph(Graph* graph) { queue().graphs.remove(graph); }

void check_live(const char* call, const Stream* stream) { queue().streams.check(call, "stream", stream); }
void check_live(const char* call, const Event* event) { queue().events.check(call, "event", event); }
void check_live(const char* call, const Graph* graph) { queue().graphs.check(call, "graph", graph); }

LiveHandles live_handles() { return {queue().streams.size(), queue().events.size(), queue().graphs.size()}; }

void enqueue(Stream& stream, std::string name, std::function<void(Operation&)> body) {
  if (!stream.capture) {
    auto after = take_dependencies(stream);
    queue_now(stream, std::move(name), std::move(body), std::move(after));
    return;
  }
  stream.capture->nodes.push_back({std::move(name), std::move(body), stream.capture_after});
  stream.capture_after = {stream.capture->nodes.size() - 1};
}

void record(Event& event, Stream& stream) {
  event.capture = stream.capture;
  event.capture_after = stream.capture_after;
  if (stream.capture) return;
  enqueue(stream, "event", [](Operation&) {});
  event.recorded = stream.last;
}

void wait(Stream& stream, const Event& event) {
  if (event.capture) {  // pulls the stream into the capture
    stream.capture = event.capture;
    for (const std::size_t node : event.capture_after)
      if (std::find(stream.capture_after.begin(), stream.capture_after.end(), node) == stream.capture_after.end())
        stream.capture_after.push_back(node);
  } else if (event.recorded) {
    add_unfinished(stream.waits_for, event.recorded);
  }
}

void finish(const OperationPtr& operation) {
  if (!operation) return;
  while (!operation->done) run(pick(unfinished_ancestors({operation})));
  acquire(&operation->done_token);
  check_guard_bands();
}

void finish(Stream& stream) {
  for (const auto& event : stream.waits_for) finish(event);
  finish(stream.last);
}

void finish_device(int device) {
  std::vector<OperationPtr> waited;
  for (const auto& operation : queue().pending)
    if (operation->device == device) waited.push_back(operation);
  for (auto left = unfinished_ancestors(waited); !left.empty(); left = unfinished_ancestors(waited)) run(pick(left));
  for (const auto& operation : waited) acquire(&operation->done_token);
  check_guard_bands();
}

void progress() {
  if (!queue().pending.empty()) run(pick(queue().pending));
}

bool capture_forbids() {
  const auto me = std::this_thread::get_id();
  return std::any_of(queue().streams.begin(), queue().streams.end(), [&](const auto& stream) {
    return stream->capture && stream->capture->mode != cudaStreamCaptureModeRelaxed &&
           (stream->capture->thread == me || stream->capture->mode == cudaStreamCaptureModeGlobal);
  });
}

void begin_capture(Stream& stream, cudaStreamCaptureMode mode) {
  stream.capture = create_graph({{}, mode, std::this_thread::get_id()});
  stream.capture_after.clear();
}

void end_capture(const Graph* graph) {
  for (const auto& stream : queue().streams) {
    if (stream->capture != graph) continue;
    stream->capture = nullptr;
    stream->capture_after.clear();
  }
}

void launch(const Graph& graph, Stream& stream) {
  const std::vector<OperationPtr> before = take_dependencies(stream);
  std::vector<OperationPtr> nodes;
  for (const GraphNode& node : graph.nodes) {
    std::vector<OperationPtr> after;
    for (const std::size_t index : node.after) after.push_back(nodes[index]);
    if (after.empty()) after = before;
    nodes.push_back(queue_now(stream, node.name, node.run, std::move(after)));
  }
  if (nodes.empty()) nodes = before;
  queue_now(
      stream, "graph end", [](Operation&) {}, std::move(nodes));
}

}  // namespace emulator
