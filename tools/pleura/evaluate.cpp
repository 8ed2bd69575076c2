#include "evaluate/evaluate.hpp"

#include <cstdio>
#include <iostream>
#include <memory>

#include "command.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "progress.hpp"

namespace pleura::command {
namespace {

/// "2/8"
evaluate::Shard shard_of(const std::string& text) {
  evaluate::Shard shard;
  int used = 0;
  if (std::sscanf(text.c_str(), "%d/%d%n", &shard.index, &shard.of, &used) != 2 ||
      used != static_cast<int>(text.size()) || shard.index < 1 || shard.index > shard.of)
    throw Error(Status::usage, "--shard " + text + ", expected I/N with I from 1 to N, like 2/8");
  return shard;
}

}  // namespace

void add_evaluate(CLI::App& app) {
  struct Arguments {
    evaluate::Request request;
    std::string shard;
    EngineArguments engine;
    ScreenArguments screen;
  };
  auto arguments = std::make_shared<Arguments>();
  evaluate::Request& request = arguments->request;
  CLI::App* command = app.add_subcommand("evaluate", "Measure weights on a cohort of CTs with known truth");
  command->add_option("cohort", request.cohort, "table with the columns path, case and truth (docs/evaluation.md)")
      ->type_name("COHORT.csv")
      ->required();
  command->add_option("--weights", request.weights, "the networks, with both classifiers")
      ->type_name("FILE.h5")
      ->required();
  command->add_option("--out", request.out, "folder of the figures; the same command resumes there")
      ->type_name("DIR")
      ->required();
  CLI::Option* shard =
      command->add_option("--shard", arguments->shard, "screen part I of N alone, as one job of an array")
          ->type_name("I/N");
  command->add_flag("--merge", request.merge, "make the figures when all shards are done")->excludes(shard);
  arguments->screen.declare(*command);
  arguments->engine.declare(*command);
  command->footer(
      "A CT that is refused does not stop the others; it is named, counted apart, and the exit code is 2.\n\n"
      "Example: pleura phantom --cohort 9 --seed 1 --format nifti --out cohort\n"
      "         pleura evaluate cohort/cohort.csv --weights weights/demo/pleura-demo.h5 --out figures");
  command->callback([arguments] {
    evaluate::Request& asked = arguments->request;
    if (!arguments->shard.empty()) asked.shard = shard_of(arguments->shard);
    asked.engine = arguments->engine.options();
    asked.screen = arguments->screen.options();
    watch_interrupts();
    ProgressBar bar;
    const std::string text = evaluate::evaluate(asked, bar.callback());
    bar.clear();
    for (const std::string& problem : asked.problems) complain(problem);
    std::cout << text;
    if (!asked.problems.empty()) throw Exit{Status::input_refused};
  });
}

}  // namespace pleura::command
