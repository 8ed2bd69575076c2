#include <algorithm>
#include <functional>
#include <set>

#include "api/benchable.hpp"
#include "api/compare/writers.hpp"
#include "api/guard.hpp"
#include "api/output_file.hpp"
#include "api/printed.hpp"
#include "api/statistics.hpp"
#include "files/replace.hpp"
#include "pleura/pleura.hpp"
#include "runtime/parallel.hpp"
#include "screening/networks.hpp"

namespace pleura {
namespace {

using Json = nlohmann::ordered_json;

Precision precision_of(runtime::DType type) {
  return type == runtime::DType::f16    ? Precision::fp16
         : type == runtime::DType::bf16 ? Precision::bf16
                                        : Precision::fp32;
}

/// All that the device has, the plainest first: fp32, own kernels, all threads.
std::vector<EngineOptions> configurations_of(const EngineOptions& asked) {
  EngineOptions plain = asked;
  plain.kernels = Kernels::native;
  plain.precision = Precision::fp32;
  const kernels::OpenDevice open = screening::open_device(plain);
  plain.device = open.device->name();
  std::vector<Kernels> families{Kernels::native};
  try {
    open.require_cudnn();
    families.insert(families.end(), {Kernels::cudnn, Kernels::any});
  } catch (const Error&) {  // there is none
  }
  std::set<int, std::greater<>> threads{resolve_threads(asked.threads)};
  for (int n = 1; open.device->is_host() && n < *threads.begin(); n *= 2) threads.insert(n);
  std::set<Precision> precisions;  // fp32 first
  for (const runtime::DType type : open.backend.activations) precisions.insert(precision_of(type));
  std::vector<EngineOptions> all;
  for (const Precision precision : precisions)
    for (const Kernels family : families)
      for (const int n : threads) {
        all.push_back(plain);
        all.back().precision = precision;
        all.back().kernels = family;
        all.back().threads = n;
      }
  return all;
}

/// What one configuration came to.
struct Swept {
  std::string configuration;
  std::vector<Json> seconds;         ///< of each CT: a distribution
  double total = 0;                  ///< of the medians
  std::vector<api::Side> decisions;  ///< of each CT
  std::string why;                   ///< it is not to be recommended; empty: it may be
  RunInfo run;
};

/// Into `swept`, as far as it comes.
void measure(Swept& swept, const std::filesystem::path& weights, const std::vector<Volume>& volumes,
             const EngineOptions& engine, const BenchOptions& options, const std::function<void()>& hear) {
  Engine ready(weights, engine);
  for (const Volume& volume : volumes) {
    std::vector<double> uncounted, seconds;
    Result last;
    const auto screen = [&](std::vector<double>& into) {
      hear();
      Volume copy = volume;
      last = api::run_timed(into, [&] { return ready.screen(std::move(copy), options.screen); }).result;
    };
    for (int run = 0; run <= options.warm_up; ++run) screen(uncounted);
    for (api::Repeats repeats(options.runs, options.seconds); repeats.next();) screen(seconds);
    swept.seconds.push_back(api::distribution(seconds));
    swept.total += swept.seconds.back()["median"].get<double>();
    swept.run = last.run;
    api::Side side;
    side.regions = std::move(last.regions);
    side.case_result = last.case_result;
    swept.decisions.push_back(std::move(side));
  }
}

/// Marks it where a CT's decisions are not the first one's.
void hold_to(const Swept& first, Swept& other) {
  for (std::size_t i = 0; i < other.decisions.size() && other.why.empty(); ++i) {
    const api::CompareFigures figures = api::figures_of(first.decisions[i], other.decisions[i]);
    if (!figures.same_decisions()) other.why = api::verdict(figures);
  }
}

/// The rows in their order.
Json sweep_json(const std::filesystem::path& weights, const std::vector<BenchCt>& cts, const BenchOptions& options,
                const std::vector<Swept>& rows, const Swept& first) {
  Json names = Json::array(), list = Json::array();
  for (const BenchCt& ct : cts) names.push_back(ct.name);
  Json recommended = nullptr;
  for (const Swept& row : rows) {
    if (recommended.is_null() && row.why.empty()) recommended = row.configuration;
    const bool whole = row.seconds.size() == cts.size();
    Json one = {
        {"configuration", row.configuration}, {"total_seconds", nullptr}, {"cts", row.seconds}, {"why_not", row.why}};
    if (whole) one["total_seconds"] = row.total;
    list.push_back(std::move(one));
  }
  return {{"schema_version", 1},
          {"weights", weights.string()},
          {"warm_up", options.warm_up},
          {"runs", options.runs},
          {"seconds", options.seconds},
          {"run",
           {{"version", first.run.version},
            {"device", first.run.device},
            {"classifier", first.run.classifier},
            {"weights_sha256", first.run.weights_sha256}}},
          {"cts", names},
          {"first", first.configuration},
          {"recommended", recommended},
          {"configurations", list}};
}

std::string sweep_text(const Json& sweep) {
  std::string text =
      printable(sweep["weights"].get<std::string>()) + ", " + sweep["run"]["classifier"].get<std::string>();
  for (const Json& ct : sweep["cts"]) text.append(", ").append(printable(ct.get<std::string>()));
  text += "\n\n" + api::printed("%-32s %10s %7s %10s\n", "configuration", "ms", "cv %", "times as fast");
  double plain = 0, best = 0;
  for (const Json& row : sweep["configurations"]) {
    if (row["configuration"] == sweep["first"]) plain = row["total_seconds"];
    if (row["configuration"] == sweep["recommended"]) best = row["total_seconds"];
  }
  for (const Json& row : sweep["configurations"]) {
    const std::string name = row["configuration"], why = row["why_not"];
    text += api::printed("%-32s", name.c_str());
    if (row["total_seconds"].is_number()) {
      const double total = row["total_seconds"];
      double cv = 0;
      for (const Json& ct : row["cts"]) cv = std::max(cv, ct["cv"].get<double>());
      text += api::printed(" %10.2f %7.1f %10.2f", total * 1e3, cv * 100, plain / total);
    }
    if (!why.empty()) text.append("  not: ").append(why);
    text += '\n';
  }
  const std::string chosen = sweep["recommended"], first = sweep["first"];
  return text + "\nrecommended: " + chosen +
         api::printed(": %.2f ms, %.2f times as fast as ", best * 1e3, plain / best) + first + "\n";
}

}  // namespace

Sweep sweep_configurations(const std::filesystem::path& weights, const std::vector<BenchCt>& cts,
                           const BenchOptions& options, const Progress& progress) {
  return api::guarded([&] {
    api::require_benchable(cts, options);
    if (!options.json.empty()) api::require_place(options.json);
    const std::vector<EngineOptions> all = configurations_of(options.engine);
    std::vector<Volume> volumes;
    for (const BenchCt& ct : cts) volumes.push_back(ct.read());
    std::vector<Swept> rows;
    for (const EngineOptions& one : all) {
      Swept& row = rows.emplace_back();
      row.configuration = configuration_words(one);
      const double before = static_cast<double>(rows.size() - 1) / static_cast<double>(all.size());
      const auto hear = [&] {
        if (progress) progress(row.configuration, before);
      };
      try {
        measure(row, weights, volumes, one, options, hear);
      } catch (const Error& error) {  // values that are not finite, memory
        if (rows.size() == 1) throw;
        row.why = error.what();
      }
      hold_to(rows.front(), row);
    }
    const Swept first = rows.front();
    const auto whole = [&](const Swept& row) { return row.seconds.size() == cts.size(); };
    std::stable_sort(rows.begin(), rows.end(), [&](const Swept& a, const Swept& b) {
      return whole(a) != whole(b) ? whole(a) : a.total < b.total;
    });
    const Json json = sweep_json(weights, cts, options, rows, first);
    Sweep sweep{sweep_text(json), json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n"};
    if (!options.json.empty()) files::write_file(options.json, sweep.json);
    return sweep;
  });
}

}  // namespace pleura
