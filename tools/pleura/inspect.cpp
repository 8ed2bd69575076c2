#include <algorithm>
#include <iostream>
#include <memory>

#include "command.hpp"
#include "options.hpp"
#include "pleura/pleura.hpp"

namespace pleura::command {

void add_inspect(CLI::App& app) {
  struct Arguments {
    std::string file;
    std::vector<std::int64_t> shape;
    bool json = false;
    EngineArguments engine;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("inspect", "Tell what a weights file holds");
  command->add_option("file", arguments->file, "the weights file")->type_name("FILE.h5")->required();
  command
      ->add_option("--shape", arguments->shape, "also FLOPs, memory plan and kernels for a network input of this shape")
      ->type_name("Z,Y,X")
      ->delimiter(',')
      ->expected(3)
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", arguments->json, "print JSON");
  arguments->engine.declare(*command);
  command->footer("Example: pleura inspect weights/demo/pleura-demo.h5 --shape 128,128,160");
  command->callback([arguments] {
    std::optional<Index3> shape;
    if (!arguments->shape.empty()) std::copy_n(arguments->shape.begin(), 3, shape.emplace().begin());
    std::cout << inspect_weights(arguments->file, shape, arguments->json, arguments->engine.options());
  });
}

}  // namespace pleura::command
