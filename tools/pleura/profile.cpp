#include "pleura/profile.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include "command.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "progress.hpp"

namespace pleura::command {

void add_profile(CLI::App& app) {
  struct Arguments {
    std::string weights, ct, classifier, csv, json, trace, html;
    std::vector<std::int64_t> shape;
    int runs = ProfileOptions{}.runs;
    ReadArguments read;
    EngineArguments engine;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("profile", "Tell what each layer of the networks costs on this machine");
  command->add_option("weights", arguments->weights, "the networks")->type_name("FILE.h5")->required();
  CLI::Option* ct = command
                        ->add_option("ct", arguments->ct,
                                     "a CT that goes through the whole pipeline, stage by stage; without one the "
                                     "networks see noise")
                        ->type_name("CT");
  declare_shape(*command, arguments->shape)->excludes(ct);
  declare_classifier(*command, arguments->classifier, "m1 or m2 alone; default: all of the file");
  command->add_option("--runs", arguments->runs, "runs that count, after those that warm up")
      ->check(CLI::Range(1, 10000))
      ->type_name("N")
      ->capture_default_str();
  constexpr const char* group = "Files";
  command->add_option("--csv", arguments->csv, "a line a layer")->type_name("FILE")->group(group);
  command
      ->add_option("--json", arguments->json,
                   "all figures (docs/profile.schema.json); - for standard output in place of the table")
      ->type_name("FILE")
      ->group(group);
  command->add_option("--trace", arguments->trace, "trace events for Perfetto or chrome://tracing")
      ->type_name("FILE")
      ->group(group);
  command->add_option("--html", arguments->html, "a page with bars, a roofline plot and a table that sorts")
      ->type_name("FILE")
      ->group(group);
  arguments->read.declare(*command);
  arguments->engine.declare(*command);
  command->footer("Example: pleura profile weights/demo/pleura-demo.h5 --shape 64,64,64 --html profile.html");
  command->callback([arguments] {
    ProfileOptions options;
    options.engine = arguments->engine.options();
    options.ct = arguments->ct;
    options.read = arguments->read.options(options.engine);
    if (!arguments->shape.empty()) std::copy_n(arguments->shape.begin(), 3, options.shape.begin());
    if (!arguments->classifier.empty()) options.classifier = classifier_of(arguments->classifier);
    options.runs = arguments->runs;
    const bool to_output = arguments->json == "-";
    options.csv = arguments->csv;
    if (!to_output) options.json = arguments->json;
    options.trace = arguments->trace;
    options.html = arguments->html;
    watch_interrupts();
    ProgressBar bar;
    const Profile profile = profile_weights(arguments->weights, options, bar.callback());
    bar.clear();
    std::cout << (to_output ? profile.json : profile.table);
  });
}

}  // namespace pleura::command
