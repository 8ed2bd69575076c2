#include "pleura/bench.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "cold_start.hpp"
#include "command.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "phantom/phantom.hpp"
#include "progress.hpp"

namespace pleura::command {
namespace {

struct BenchArguments {
  std::string weights, classifier = "m2", json, against;
  std::vector<std::string> cts;
  double tolerance = 10;  ///< in %
  double seconds = 0;
  bool sweep = false;
  int runs = 0, warm_up = BenchOptions{}.warm_up, cold = 0;
  ReadArguments read;
  EngineArguments engine;
  ScreenArguments screen;
};

/// The CTs by their paths, or one that anybody can make.
std::vector<BenchCt> cts_of(const BenchArguments& arguments, const EngineOptions& engine, const ColdStart* cold) {
  std::vector<BenchCt> cts;
  for (const std::string& path : arguments.cts)
    cts.push_back({path, [&, path] { return read_ct(path, arguments.read.options(engine)); },
                   [cold, path] { cold->screen(path); }});
  if (cts.empty())
    cts.push_back({"phantom of seed 1",
                   [&engine] {
                     phantom::PhantomOptions options;
                     options.seed = 1;
                     options.threads = engine.threads;
                     return phantom::make_phantom(options).volume;
                   },
                   {}});
  return cts;
}

void run_bench(const BenchArguments& arguments, const CLI::App& command) {
  BenchOptions options;
  options.engine = arguments.engine.options();
  options.engine.classifier = classifier_of(arguments.classifier);
  options.screen = arguments.screen.options();
  options.screen.lungs = false;
  // Where only a time is given it alone decides.
  if (arguments.runs > 0 || arguments.seconds > 0) options.runs = std::max(arguments.runs, 1);
  options.seconds = arguments.seconds;
  options.cold = arguments.cold;
  options.warm_up = arguments.warm_up;
  options.against = arguments.against;
  options.tolerance = arguments.tolerance / 100;
  const bool to_output = arguments.json == "-";
  if (!to_output) options.json = arguments.json;
  watch_interrupts();
  std::optional<ColdStart> cold;
  if (options.cold > 0 && !arguments.cts.empty()) cold.emplace(arguments.weights, command);
  ProgressBar bar;
  const std::vector<BenchCt> cts = cts_of(arguments, options.engine, cold ? &*cold : nullptr);
  if (arguments.sweep) {
    const Sweep sweep = sweep_configurations(arguments.weights, cts, options, bar.callback());
    bar.clear();
    std::cout << (to_output ? sweep.json : sweep.table);
    return;
  }
  const Bench bench = bench_weights(arguments.weights, cts, options, bar.callback());
  bar.clear();
  std::cout << (to_output ? bench.json : bench.table);
  if (bench.slower) throw Exit{slower};
}

}  // namespace

void add_bench(CLI::App& app) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = app.add_subcommand("bench", "Measure how long CTs take, over and over");
  command->add_option("weights", arguments->weights, "the networks")->type_name("FILE.h5")->required();
  command->add_option("cts", arguments->cts, "the CTs; without one a phantom of seed 1")->type_name("CT");
  command->add_option("--runs", arguments->runs, "runs of each CT that count, at least; default: 10, with --seconds 1")
      ->check(CLI::Range(1, 10000))
      ->type_name("N");
  command->add_option("--seconds", arguments->seconds, "for which the runs of each CT go on, at least")
      ->check(CLI::Range(0.0, 86400.0))
      ->type_name("S");
  command->add_option("--warm-up", arguments->warm_up, "runs between the first and those")
      ->check(CLI::Range(0, 10000))
      ->type_name("N")
      ->capture_default_str();
  CLI::Option* cold =
      command->add_option("--cold", arguments->cold, "also that many times the whole command, in a fresh process each")
          ->check(CLI::Range(1, 10000))
          ->type_name("N");
  command
      ->add_option(
          "--json", arguments->json,
          "all figures (docs/bench.schema.json, docs/sweep.schema.json); - for standard output in place of the table")
      ->type_name("FILE");
  CLI::Option* against =
      command->add_option("--against", arguments->against, "the JSON of an earlier run, to be compared with")
          ->type_name("OLD.json");
  command
      ->add_option("--tolerance", arguments->tolerance, "by which median and least time may both be longer than then")
      ->check(CLI::Range(0.0, 1000.0))
      ->type_name("PERCENT")
      ->needs(against)
      ->capture_default_str();
  command
      ->add_flag(
          "--sweep", arguments->sweep,
          "instead: each number of threads, precision and kernels that the device has, by time, and which to take")
      ->excludes(cold)
      ->excludes(against);
  declare_classifier(*command, arguments->classifier, "m1 or m2")->capture_default_str();
  arguments->read.declare(*command);
  arguments->screen.declare(*command);
  arguments->engine.declare(*command);
  command->footer(
      "Exit code 6: a CT takes longer than in OLD.json by more than --tolerance.\n\n"
      "Example: pleura bench weights/demo/pleura-demo.h5 --runs 20 --json today.json --against yesterday.json");
  command->callback([arguments, command] { run_bench(*arguments, *command); });
}

}  // namespace pleura::command
