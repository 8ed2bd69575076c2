#pragma once
/// Variables of the environment that are none of the command's.

namespace pleura::command {

/// Removes or settles variables by which libraries of ours load code or data, or write files. Before any of them is
/// called and any thread begins. Throws bad_alloc.
void ignore_environment();

}  // namespace pleura::command
