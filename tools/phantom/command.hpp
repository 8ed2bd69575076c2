#pragma once
/// `pleura phantom`, for the command's list of subcommands.
#include <functional>

#include "pleura/pleura.hpp"

namespace CLI {
class App;
}

namespace pleura::phantom {

/// Adds the subcommand to the command. Its callback throws pleura::Error. `start_progress`, if given, is called once as
/// work begins; what it returns is told how far the work is.
void add_phantom_command(CLI::App& app, const std::function<Progress()>& start_progress = {});

}  // namespace pleura::phantom
