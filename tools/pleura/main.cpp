/// The `pleura` command: what the user asks for, done by the public API.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>

#include "command.hpp"
#include "environment.hpp"
#include "interrupts.hpp"
#include "phantom/command.hpp"
#include "pleura/pleura.hpp"
#include "progress.hpp"

namespace {

using pleura::Status;

/// A file opened later must not become standard output because that was closed.
void open_standard_streams() {
  for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = open("/dev/null", O_RDWR)) {
    if (fd <= STDERR_FILENO) continue;
    close(fd);
    return;
  }
}

int fail(Status status, std::string_view message) {
  if (pleura::command::interrupted()) pleura::command::die_of_interrupt();  // what blocked failed by the signal
  pleura::command::complain(message);
  return static_cast<int>(status);
}

/// What the command line lacks, in one line. CLI11 asks for a subcommand without a word of what was there instead.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* last = &app;
  while (!last->get_subcommands().empty()) last = last->get_subcommands().front();
  const std::vector<std::string> unknown = last->remaining();
  std::string names;
  for (const CLI::App* known : last->get_subcommands({})) names += (names.empty() ? "" : ", ") + known->get_name();
  const bool wrong_word = last->get_require_subcommand_min() > 0 && !unknown.empty();
  const int code = fail(Status::usage,
                        wrong_word ? "'" + unknown.front() + "': no such subcommand, expected " + names : error.what());
  std::cerr << "Run with --help for more information.\n";
  return code;
}

/// Without an allocation, for there is nothing to allocate; nor may the libraries clean up, for DCMTK's logging aborts
/// the process where it cannot allocate then.
[[noreturn]] void fail_for_memory() noexcept {
  constexpr std::string_view message = "pleura: out of memory\n";
  static_cast<void>(!write(STDERR_FILENO, message.data(), message.size()));
  std::cout.flush();
  std::_Exit(static_cast<int>(Status::resources));
}

/// Of what a destructor throws, for one: those of nlohmann's JSON allocate.
[[noreturn]] void terminate() noexcept {
  pleura::discard_unfinished_output();
  try {
    if (std::current_exception()) throw;
  } catch (const std::bad_alloc&) {
    fail_for_memory();
  } catch (...) {  // a defect
  }
  std::abort();
}

/// Declares the options and does what they ask for.
int obey(int argc, char** argv) {
  CLI::App app{"Screens chest CTs for pneumonia. Research use only: not a medical device.", "pleura"};
  app.set_version_flag("--version", std::string("pleura ") + pleura::version());
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(
      "Exit codes: 0 done, 1 wrong usage, 2 CT refused, 3 weights refused, 4 resources missing\n"
      "(memory, disk, device), 5 a defect of pleura, 6 slower (bench), 7 different (compare),\n"
      "128 + N ended by signal N (130: Ctrl-C).\n\n"
      "Example: pleura screen patient/ --weights weights/demo/pleura-demo.h5 --out result\n"
      "pleura SUBCOMMAND --help tells more.");
  pleura::command::add_screen(app);
  pleura::command::add_serve(app);
  pleura::command::add_inspect(app);
  pleura::command::add_devices(app);
  pleura::command::add_profile(app);
  pleura::command::add_tune(app);
  pleura::command::add_bench(app);
  pleura::command::add_compare(app);
  pleura::command::add_scan(app);
  pleura::command::add_evaluate(app);
  pleura::command::add_extract(app);
  pleura::command::add_weights(app);
  pleura::phantom::add_phantom_command(app, [] {
    pleura::command::watch_interrupts();
    const auto bar = std::make_shared<pleura::command::ProgressBar>();
    return pleura::Progress([bar](std::string_view stage, double done) { bar->show(stage, done); });
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : refuse(app, error);
  }
  return static_cast<int>(Status::done);
}

/// Throws bad_alloc alone.
int run(int argc, char** argv) {
  try {
    return obey(argc, argv);
  } catch (const pleura::command::Exit& exit) {
    return static_cast<int>(exit.status);
  } catch (const pleura::command::Interrupted&) {
    pleura::command::die_of_interrupt();
  } catch (const pleura::Error& error) {
    return fail(error.status(), error.what());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(Status::resources, error.path1().string() + ": " + error.code().message());
  } catch (const std::exception& error) {
    return fail(Status::internal, std::string("a defect of pleura: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::set_terminate(terminate);
  pleura::command::ignore_environment();
  open_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of writing, not the end of our own files
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file beyond `ulimit -f`
  const int code = run(argc, argv);
  errno = 0;
  if (!std::cout.flush() && errno != EPIPE && code == 0)
    return fail(Status::resources, "standard output cannot be written");
  return code;
} catch (const std::bad_alloc&) {
  fail_for_memory();
}
