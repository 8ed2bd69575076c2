#include "pleura/compare.hpp"

#include <iostream>
#include <memory>

#include "command.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "progress.hpp"

namespace pleura::command {

void add_compare(CLI::App& app) {
  struct Arguments {
    std::string ct, a, b, weights, classifier = "m2", json;
    std::uint64_t memory = 0;
    ReadArguments read;
    ScreenArguments screen;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("compare", "Tell whether two devices, precisions or kernels come to the same on a CT");
  constexpr const char* group = "Computing";
  command->add_option("ct", arguments->ct, "a folder or a file")->type_name("CT")->required();
  command
      ->add_option(
          "a", arguments->a,
          "a configuration: words with commas between, of device (cpu, cuda, cuda:N, auto, reference), precision "
          "(fp32, bf16, fp16), kernels (native, cudnn, any) and threads=N; without them cpu,fp32,native")
      ->type_name("A")
      ->required();
  command->add_option("b", arguments->b, "what it is compared with, in the same words")->type_name("B")->required();
  command->add_option("--weights", arguments->weights, "the networks (docs/weights-format.md)")
      ->type_name("FILE.h5")
      ->required();
  command
      ->add_option("--json", arguments->json,
                   "all figures (docs/compare.schema.json); - for standard output in place of the table")
      ->type_name("FILE");
  declare_classifier(*command, arguments->classifier, "m1 or m2")->capture_default_str()->group(group);
  arguments->read.declare(*command);
  arguments->screen.declare(*command);
  declare_memory(*command, arguments->memory);
  command->footer(
      "Exit code 7: the case's result, a region or a region's label is not the same.\n\n"
      "Example: pleura compare patient/ cpu cuda,fp16 --weights weights/demo/pleura-demo.h5");
  command->callback([arguments] {
    EngineOptions defaults;
    defaults.classifier = classifier_of(arguments->classifier);
    defaults.memory_bytes = arguments->memory;
    CompareOptions options;
    options.a = parse_configuration(arguments->a, defaults);
    options.b = parse_configuration(arguments->b, defaults);
    options.screen = arguments->screen.options();
    const bool to_output = arguments->json == "-";
    if (!to_output) options.json = arguments->json;
    watch_interrupts();
    ProgressBar bar;
    bar.show("read", 0);
    const Volume volume = read_ct(arguments->ct, arguments->read.options(defaults));
    const Comparison comparison = compare_configurations(arguments->weights, volume, options, bar.callback());
    bar.clear();
    std::cout << (to_output ? comparison.json : comparison.table);
    if (!comparison.same_decisions) throw Exit{different};
  });
}

}  // namespace pleura::command
