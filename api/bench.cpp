#include "pleura/bench.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <future>
#include <nlohmann/json.hpp>

#include "api/benchable.hpp"
#include "api/guard.hpp"
#include "api/output_file.hpp"
#include "api/statistics.hpp"
#include "files/json_file.hpp"
#include "files/replace.hpp"
#include "pleura/pleura.hpp"
#include "runtime/clock.hpp"

namespace pleura {
namespace {

using Json = nlohmann::ordered_json;

/// One CT, screened again and again. `last` becomes its last result.
Json ct_json(Engine& engine, const BenchCt& ct, const BenchOptions& options, const Progress& progress, Result& last) {
  const auto hear = [&](double done) {
    if (progress) progress(ct.name, done);
  };
  hear(0);
  std::vector<double> read, first, warming_up, total, cold;
  const Volume volume = api::run_timed(read, ct.read);
  const auto screen = [&](std::vector<double>& seconds) {
    Volume copy = volume;
    last = api::run_timed(seconds, [&] { return engine.screen(std::move(copy), options.screen); }).result;
  };
  screen(first);
  for (int run = 0; run < options.warm_up; ++run) {
    hear(0);
    screen(warming_up);
  }
  std::vector<std::pair<std::string, std::vector<double>>> stages;
  for (api::Repeats repeats(options.runs, options.seconds); repeats.next(); hear(repeats.share_done())) {
    screen(total);
    stages.resize(last.stages.size());
    for (std::size_t i = 0; i < stages.size(); ++i) {
      stages[i].first = last.stages[i].name;
      stages[i].second.push_back(last.stages[i].seconds);
    }
  }
  for (int run = 0; run < options.cold; ++run) {
    hear(static_cast<double>(run) / options.cold);
    const auto start = std::chrono::steady_clock::now();
    ct.cold();
    cold.push_back(seconds_since(start));
  }
  Json json = {{"name", ct.name},
               {"shape", last.geometry.shape},
               {"network_shape", last.run.network_shape},
               {"regions", last.regions.size()},
               {"read_seconds", read.front()},
               {"first_seconds", first.front()},
               {"runs", total.size()},
               {"seconds", api::distribution(total)},
               {"stages", Json::array()}};
  for (auto& [name, seconds] : stages)
    json["stages"].push_back({{"name", name}, {"seconds", api::distribution(seconds)}});
  if (!cold.empty()) json["cold"] = {{"runs", cold.size()}, {"seconds", api::distribution(cold)}};
  return json;
}

/// All CTs in turn from their files to their results, as `pleura screen` reads and screens them: the next is read while
/// one is screened, unless memory is bounded.
void screen_in_turn(Engine& engine, const std::vector<BenchCt>& cts, const BenchOptions& options) {
  const auto how =
      options.engine.memory_bytes == 0 ? std::launch::async | std::launch::deferred : std::launch::deferred;
  std::future<Volume> next = std::async(how, cts.front().read);
  for (std::size_t i = 0; i < cts.size(); ++i) {
    Volume volume = next.get();
    if (i + 1 < cts.size()) next = std::async(how, cts[i + 1].read);
    static_cast<void>(engine.screen(std::move(volume), options.screen));
  }
}

Json batch_json(Engine& engine, const std::vector<BenchCt>& cts, const BenchOptions& options,
                const Progress& progress) {
  const auto hear = [&](double done) {
    if (progress) progress("all in turn", done);
  };
  hear(0);
  std::vector<double> seconds;
  for (api::Repeats repeats(options.runs, options.seconds); repeats.next(); hear(repeats.share_done())) {
    const auto start = std::chrono::steady_clock::now();
    screen_in_turn(engine, cts, options);
    seconds.push_back(seconds_since(start));
  }
  Json json = {{"cts", cts.size()}, {"runs", seconds.size()}, {"seconds", api::distribution(seconds)}};
  json["cts_per_hour"] = 3600.0 * static_cast<double>(cts.size()) / json["seconds"]["median"].get<double>();
  return json;
}

/// An entry of a list of objects by its name.
const Json* named(const Json& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Json& one) { return one["name"] == name; });
  return found == list.end() ? nullptr : &*found;
}

/// The earlier benchmark. Throws usage where the file holds none.
Json read_earlier(const std::filesystem::path& file) {
  Json json;
  try {
    json = files::read_json(file);
  } catch (const Error& error) {
    throw Error(error.status() == Status::input_refused ? Status::usage : error.status(), error.what());
  }
  const auto is_time = [](const Json& seconds) {
    return seconds.is_object() && seconds.contains("median") && seconds["median"].is_number() &&
           seconds.contains("min") && seconds["min"].is_number();
  };
  bool sound = json.is_object() && json.contains("cts") && json["cts"].is_array() && json.contains("run");
  for (std::size_t i = 0; sound && i < json["cts"].size(); ++i) {
    const Json& ct = json["cts"][i];
    sound = ct.is_object() && ct.contains("name") && ct["name"].is_string() && ct.contains("seconds") &&
            is_time(ct["seconds"]) && ct.contains("stages") && ct["stages"].is_array();
    for (std::size_t s = 0; sound && s < ct["stages"].size(); ++s)
      sound = ct["stages"][s].is_object() && ct["stages"][s].contains("seconds") &&
              is_time(ct["stages"][s]["seconds"]) && ct["stages"][s].contains("name") &&
              ct["stages"][s]["name"].is_string();
  }
  if (!sound)
    throw Error(Status::usage, file.string() + ": found no figures of a benchmark, expected the JSON of pleura bench");
  return json;
}

/// New over old.
double ratio(const Json& now, const Json& then, const char* figure) {
  const double before = then["seconds"][figure].get<double>();
  return before > 0 ? now["seconds"][figure].get<double>() / before : 0;
}

Json comparison(const Json& now, const Json& then, const BenchOptions& options) {
  Json json = {{"path", options.against.string()},
               {"tolerance", options.tolerance},
               {"slower", false},
               {"differences", Json::array()},
               {"cts", Json::array()}};
  for (const auto& [key, value] : now["run"].items())
    if (!then["run"].is_object() || !then["run"].contains(key) || then["run"][key] != value)
      json["differences"].push_back(key);
  for (const Json& ct : now["cts"]) {
    const Json* const before = named(then["cts"], ct["name"].get<std::string>());
    if (before == nullptr) continue;
    const double median = ratio(ct, *before, "median"), least = ratio(ct, *before, "min");
    const bool slower = std::min(median, least) > 1 + options.tolerance;
    if (slower) json["slower"] = true;
    Json stages = Json::array();
    for (const Json& stage : ct["stages"])
      if (const Json* const old = named((*before)["stages"], stage["name"].get<std::string>()))
        stages.push_back({{"name", stage["name"]}, {"median_ratio", ratio(stage, *old, "median")}});
    json["cts"].push_back({{"name", ct["name"]},
                           {"median_ratio", median},
                           {"min_ratio", least},
                           {"slower", slower},
                           {"stages", std::move(stages)}});
  }
  return json;
}

// ---- as text, from the JSON ---------------------------------------------------------------------------------------

std::string distribution_text(const std::string& name, const Json& seconds, const Json* compared) {
  std::array<char, 200> line{};
  const auto ms = [&](const char* figure) { return seconds[figure].get<double>() * 1e3; };
  std::snprintf(line.data(), line.size(), "  %-12.12s %10.2f %10.2f %10.2f %7.1f %10.2f %10.2f %10.2f", name.c_str(),
                ms("min"), ms("median"), ms("mean"), seconds["cv"].get<double>() * 100, ms("p90"), ms("p95"),
                ms("p99"));
  std::string text = line.data();
  if (compared != nullptr) {
    std::snprintf(line.data(), line.size(), " %8.3f", (*compared)["median_ratio"].get<double>());
    text += line.data();
  }
  return text + "\n";
}

std::string bench_text(const Json& json) {
  const Json& run = json["run"];
  std::array<char, 200> line{};
  std::snprintf(line.data(), line.size(), ", %d threads, %s, %s; loaded in %.3f s\n", run["threads"].get<int>(),
                run["precision"].get_ref<const std::string&>().c_str(),
                run["classifier"].get_ref<const std::string&>().c_str(), json["load_seconds"].get<double>());
  std::string text = printable(json["weights"].get<std::string>()) + " on " + run["device"].get<std::string>();
  text += line.data();
  for (const Json& ct : json["cts"]) {
    const Json* const compared =
        json.contains("against") ? named(json["against"]["cts"], ct["name"].get<std::string>()) : nullptr;
    std::snprintf(line.data(), line.size(), ": read in %.3f s, the first run %.3f s; %d runs after %d to warm up\n",
                  ct["read_seconds"].get<double>(), ct["first_seconds"].get<double>(), ct["runs"].get<int>(),
                  json["warm_up"].get<int>());
    text += '\n';
    text += printable(ct["name"].get<std::string>()) + line.data();
    std::snprintf(line.data(), line.size(), "  %-12s %10s %10s %10s %7s %10s %10s %10s%s\n", "ms", "min", "median",
                  "mean", "cv %", "p90", "p95", "p99", compared != nullptr ? "  new/old" : "");
    text += line.data();
    for (const Json& stage : ct["stages"])
      text += distribution_text(
          stage["name"], stage["seconds"],
          compared != nullptr ? named((*compared)["stages"], stage["name"].get<std::string>()) : nullptr);
    text += distribution_text("in all", ct["seconds"], compared);
    if (ct.contains("cold")) {
      text += distribution_text("cold start", ct["cold"]["seconds"], nullptr);
      std::snprintf(line.data(), line.size(), "  a cold start is the whole command in a fresh process, %d of them\n",
                    ct["cold"]["runs"].get<int>());
      text += line.data();
    }
    if (compared != nullptr && (*compared)["slower"].get<bool>()) text += "  slower than before\n";
  }
  if (json.contains("batch")) {
    const Json& batch = json["batch"];
    std::snprintf(
        line.data(), line.size(),
        "\nall %d CTs in turn, from files to results: median %.3f s, p90 %.3f s of %d passes; %.0f CTs an hour\n",
        batch["cts"].get<int>(), batch["seconds"]["median"].get<double>(), batch["seconds"]["p90"].get<double>(),
        batch["runs"].get<int>(), batch["cts_per_hour"].get<double>());
    text += line.data();
  }
  if (json.contains("against") && !json["against"]["differences"].empty()) {
    text += "\nNot the same as then:";
    for (const Json& key : json["against"]["differences"]) text.append(" ").append(key.get<std::string>());
    text += "\n";
  }
  return text;
}

}  // namespace

void api::require_benchable(const std::vector<BenchCt>& cts, const BenchOptions& options) {
  if (options.runs < 1 || options.runs > 10000 || options.warm_up < 0 || options.warm_up > 10000)
    throw Error(Status::usage, "runs: found " + std::to_string(options.runs) + " and " +
                                   std::to_string(options.warm_up) + " to warm up, expected 1 and 0 to 10000");
  if (!(options.seconds >= 0 && options.seconds <= 86400))
    throw Error(Status::usage, "seconds: found " + std::to_string(options.seconds) + ", expected 0 to 86400");
  if (options.cold < 0 || options.cold > 10000)
    throw Error(Status::usage, "cold starts: found " + std::to_string(options.cold) + ", expected 0 to 10000");
  if (!(options.tolerance >= 0))
    throw Error(Status::usage, "tolerance: found " + std::to_string(options.tolerance) + ", expected 0 or more");
  if (cts.empty()) throw Error(Status::usage, "found no CT, expected one to screen");
  for (const BenchCt& ct : cts)
    if (options.cold > 0 && !ct.cold)
      throw Error(Status::usage, ct.name + ": found no way to start cold, expected a CT with a path");
}

Bench bench_weights(const std::filesystem::path& weights, const std::vector<BenchCt>& cts, const BenchOptions& options,
                    const Progress& progress) {
  return api::guarded([&] {
    api::require_benchable(cts, options);
    if (!options.json.empty()) api::require_place(options.json);
    Json earlier;
    if (!options.against.empty()) {
      earlier = read_earlier(options.against);
      if (std::none_of(cts.begin(), cts.end(), [&](const BenchCt& ct) { return named(earlier["cts"], ct.name); }))
        throw Error(Status::usage, options.against.string() + ": found no CT by these names, expected one at least");
    }
    std::vector<double> load;
    Engine engine = api::run_timed(load, [&] { return Engine(weights, options.engine); });
    Json json = {{"schema_version", 1},  {"weights", weights.string()}, {"warm_up", options.warm_up},
                 {"runs", options.runs}, {"seconds", options.seconds},  {"load_seconds", load.front()}};
    Json list = Json::array();
    Result last;
    for (const BenchCt& ct : cts) list.push_back(ct_json(engine, ct, options, progress, last));
    const RunInfo& run = last.run;
    json["run"] = {{"version", run.version},       {"device", run.device},
                   {"threads", run.threads},       {"precision", run.precision},
                   {"classifier", run.classifier}, {"weights_sha256", run.weights_sha256}};
    json["cts"] = std::move(list);
    if (cts.size() > 1) json["batch"] = batch_json(engine, cts, options, progress);
    if (!options.against.empty()) json["against"] = comparison(json, earlier, options);
    Bench bench{bench_text(json), json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n",
                json.contains("against") && json["against"]["slower"].get<bool>()};
    if (!options.json.empty()) files::write_file(options.json, bench.json);
    return bench;
  });
}

}  // namespace pleura
