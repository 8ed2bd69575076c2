#pragma once
/// The subcommands of `pleura`. Each add_... declares one; its work runs as CLI11's callback and throws pleura::Error,
/// or Exit where the messages are already out.
#include <CLI/CLI.hpp>
#include <string_view>

#include "pleura/error.hpp"

namespace pleura::command {

/// Ends the command with this status, without another word.
struct Exit {
  Status status = Status::done;
};

/// Of `bench` alone: a CT took longer than it may.
constexpr Status slower{6};
/// Of `compare` alone: two configurations decide otherwise.
constexpr Status different{7};

/// Says on standard error what went wrong, in one printable line.
void complain(std::string_view message);

void add_screen(CLI::App& app);
void add_serve(CLI::App& app);
void add_inspect(CLI::App& app);
void add_devices(CLI::App& app);
void add_profile(CLI::App& app);
void add_tune(CLI::App& app);
void add_bench(CLI::App& app);
void add_compare(CLI::App& app);
void add_scan(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_extract(CLI::App& app);
void add_weights(CLI::App& app);

}  // namespace pleura::command
