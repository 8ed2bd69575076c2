#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "api/profile/writers.hpp"
#include "pleura/pleura.hpp"

namespace pleura::api {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

enum Track : int { host_track = 1, device_track = 2 };

/// In whole nanoseconds, so that what nests in seconds nests here.
struct Event {
  std::string name, category;
  Track track = host_track;
  std::int64_t begin = 0, end = 0;
  Json arguments;
};

std::int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

class EventList {
 public:
  explicit EventList(Clock::time_point begin) : begin_(begin) {}

  void add(std::string name, std::string category, Track track, Clock::time_point start, double from, double to,
           Json arguments = Json::object()) {
    const double offset = std::chrono::duration<double>(start - begin_).count();
    events_.push_back({std::move(name), std::move(category), track, nanoseconds(offset + from),
                       nanoseconds(offset + to), std::move(arguments)});
  }

  /// By their begin; of those that begin together the longer first, which holds the others.
  [[nodiscard]] Json sorted() {
    std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    Json list = Json::array();
    for (Event& event : events_)
      list.push_back({{"name", std::move(event.name)},
                      {"cat", std::move(event.category)},
                      {"ph", "X"},
                      {"ts", static_cast<double>(event.begin) * 1e-3},
                      {"dur", static_cast<double>(event.end - event.begin) * 1e-3},
                      {"pid", 1},
                      {"tid", static_cast<int>(event.track)},
                      {"args", std::move(event.arguments)}});
    return list;
  }

 private:
  Clock::time_point begin_;
  std::vector<Event> events_;
};

Json track_name(const char* what, Track track, const std::string& name) {
  return {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", static_cast<int>(track)}, {"args", {{"name", name}}}};
}

void add_passes(const ProfiledNetwork& network, EventList& events) {
  const layers::NetworkProfile& profile = network.profile;
  for (std::size_t run = 0; run < profile.passes.size(); ++run) {
    const layers::TimedPass& pass = profile.passes[run];
    events.add(network.name + " " + std::to_string(run + 1), "pass", device_track, pass.start, 0, pass.ends.back());
    double before = 0;
    for (std::size_t step = 0; step < pass.ends.size(); ++step) {
      const layers::LayerProfile& layer = profile.layers[profile.steps[step]];
      events.add(layer.name, "layer", device_track, pass.start, before, pass.ends[step],
                 {{"kind", layer.kind}, {"kernel", layer.variant}, {"output", shape_text(layer.output)}});
      before = pass.ends[step];
    }
  }
}

}  // namespace

std::string profile_trace(const Measured& measured) {
  EventList events(measured.begin);
  for (const Span& span : measured.spans) events.add(span.name, span.category, host_track, span.start, 0, span.seconds);
  for (const ProfiledNetwork& network : measured.networks) add_passes(network, events);
  Json list = {track_name("process_name", host_track, std::string("pleura ") + version()),
               track_name("thread_name", host_track, "host"),
               track_name("thread_name", device_track, measured.device + ": steps of profiled passes")};
  for (Json& event : events.sorted()) list.push_back(std::move(event));
  const Json json = {{"displayTimeUnit", "ms"},
                     {"otherData", {{"weights", measured.weights}, {"device", measured.device}}},
                     {"traceEvents", std::move(list)}};
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace pleura::api
