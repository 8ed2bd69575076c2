#include <iostream>
#include <memory>

#include "command.hpp"
#include "pleura/pleura.hpp"

namespace pleura::command {

void add_devices(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("devices", "Tell what this machine has and what pleura would run on it");
  command->add_flag("--json", *json, "print JSON");
  command->footer(
      "PLEURA_CUDNN and PLEURA_CUBLAS name a library or its folder, PLEURA_PYTHON the Python whose wheels may hold "
      "them.\n"
      "Example: pleura devices --json");
  command->callback([json] { std::cout << describe_devices(*json); });
}

}  // namespace pleura::command
