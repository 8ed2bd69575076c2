#pragma once
/// Runs the built command as a user does.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tools/slurp.hpp"

namespace pleura::test {

struct Outcome {
  int code = -1;  ///< the exit code; 128 + signal where a signal ended it
  std::string out, err;
};

/// `WORDS pleura ARGUMENTS` through the shell; what it says goes through files of the folder.
inline Outcome run_command(const std::string& arguments, const std::filesystem::path& folder,
                           const std::string& words = "") {
  const std::string out = folder / "stdout", err = folder / "stderr";
  const int status =
      std::system((words + " " PLEURA_COMMAND " " + arguments + " >" + out + " 2>" + err + " </dev/null").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), slurp(out), slurp(err)};
}

}  // namespace pleura::test
