#pragma once
/// `pleura phantom`, for the command's list of subcommands.
namespace CLI {
class App;
}

namespace pleura::phantom {

/// Adds the subcommand to the command. Its callback throws pleura::Error.
void add_phantom_command(CLI::App& app);

}  // namespace pleura::phantom
