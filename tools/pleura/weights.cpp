#include <memory>

#include "command.hpp"
#include "interrupts.hpp"
#include "pleura/pleura.hpp"
#include "progress.hpp"

namespace pleura::command {

void add_weights(CLI::App& app) {
  struct Arguments {
    RandomWeights what;
    std::string out;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* group = app.add_subcommand("weights", "Make weights files");
  group->require_subcommand(1);
  CLI::App* command =
      group->add_subcommand("random", "He-scaled random weights: the same bytes for the same seed everywhere");
  command->add_option("--arch", arguments->what.architecture, "the segmenter; classifiers M1 and M2 come with it")
      ->check(CLI::IsMember({"vnet", "vnet-monai", "vnet-rpn", "vnet-ir-rpn", "classifier-m1", "classifier-m2"}))
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--seed", arguments->what.seed, "any number")->type_name("N")->capture_default_str();
  command->add_option("--out", arguments->out, "the file to write")->type_name("FILE.h5")->required();
  command->add_flag("--fp16", arguments->what.fp16, "store half precision");
  command
      ->add_option("--channels", arguments->what.channels,
                   "widths of stem and down1 to down4; default 16,32,64,128,256")
      ->type_name("C0,...,C4")
      ->delimiter(',')
      ->expected(5)
      ->check(CLI::PositiveNumber);
  command->footer("Example: pleura weights random --arch vnet-rpn --seed 1 --out full-width.h5");
  command->callback([arguments] {
    watch_interrupts();
    ProgressBar bar;
    write_random_weights(arguments->what, arguments->out, bar.callback());
  });
}

}  // namespace pleura::command
