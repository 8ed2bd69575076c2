#include "cold_start.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "interrupts.hpp"
#include "pleura/error.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;

/// "--name=value" of each option that was given and that `screen` takes.
std::vector<std::string> shared_options(const CLI::App& app) {
  constexpr std::array groups{"Reading the CT", "Proposals", "Computing"};
  std::vector<std::string> words;
  for (const CLI::Option* option : app.get_options()) {
    const bool shared = std::find(groups.begin(), groups.end(), option->get_group()) != groups.end() ||
                        option->get_name() == "--classifier";
    if (!shared || option->count() == 0) continue;
    std::string word = option->get_name() + "=";
    for (const std::string& value : option->results()) word += (word.back() == '=' ? "" : ",") + value;
    words.push_back(std::move(word));
  }
  return words;
}

fs::path make_folder() {
  std::string name = fs::temp_directory_path() / "pleura-cold-XXXXXX";
  if (mkdtemp(name.data()) == nullptr)
    throw Error(Status::resources, name + ": " + std::generic_category().message(errno));
  return name;
}

}  // namespace

ColdStart::ColdStart(const std::string& weights, const CLI::App& like)
    : folder_(make_folder()), options_(shared_options(like)) {
  options_.insert(options_.end(), {"--weights", weights, "--out", folder_ / "result", "--quiet"});
}

ColdStart::~ColdStart() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void ColdStart::screen(const std::string& ct) const {
  std::vector<std::string> words{"pleura", "screen"};
  words.insert(words.end(), options_.begin(), options_.end());
  words.insert(words.end(), {"--", ct});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = -1;
  if (const int error = posix_spawn(&process, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ);
      error != 0)
    throw Error(Status::resources, "a process cannot be started: " + std::generic_category().message(error));
  int status = 0;
  bool told = false;
  pid_t ended = -1;
  while ((ended = waitpid(process, &status, 0)) < 0 && errno == EINTR)
    if (interrupted() && !std::exchange(told, true)) kill(process, SIGTERM);
  stop_if_interrupted();
  if (ended < 0)
    throw Error(Status::resources, "a process cannot be waited for: " + std::generic_category().message(errno));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  constexpr int last = static_cast<int>(Status::internal);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : last;
  throw Error(static_cast<Status>(std::min(code, last)),
              "a cold start of " + ct + " failed, exit code " + std::to_string(code));
}

}  // namespace pleura::command
