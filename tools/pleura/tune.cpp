#include "pleura/tune.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include "command.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "progress.hpp"

namespace pleura::command {

void add_tune(CLI::App& app) {
  struct Arguments {
    std::string weights, ct;
    std::vector<std::int64_t> shape;
    ReadArguments read;
    EngineArguments engine;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("tune", "Measure which kernel is the fastest for each layer on this machine");
  command->add_option("weights", arguments->weights, "the networks")->type_name("FILE.h5")->required();
  CLI::Option* ct = command->add_option("ct", arguments->ct, "a CT: the segmenter is tuned for the shape of its lungs")
                        ->type_name("CT");
  declare_shape(*command, arguments->shape)->excludes(ct);
  arguments->read.declare(*command);
  arguments->engine.declare(*command, EngineArguments::Tuning::always);
  command->footer(
      "What the cache holds is not measured again: to measure anew, remove it.\n\n"
      "Example: pleura tune weights/demo/pleura-demo.h5 patient/");
  command->callback([arguments] {
    TuneOptions options;
    options.engine = arguments->engine.options();
    options.engine.note = {};  // the table tells it
    options.ct = arguments->ct;
    options.read = arguments->read.options(options.engine);
    if (!arguments->shape.empty()) std::copy_n(arguments->shape.begin(), 3, options.shape.begin());
    watch_interrupts();
    ProgressBar bar;
    const std::string table = tune_weights(arguments->weights, options, bar.callback());
    bar.clear();
    std::cout << table;
  });
}

}  // namespace pleura::command
