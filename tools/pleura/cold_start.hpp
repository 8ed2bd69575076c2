#pragma once
/// The whole command in a process of its own: what a CT costs where nothing was loaded before.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace pleura::command {

/// Runs `pleura screen` of this very program, time and again, into a folder that goes when this does.
class ColdStart {
 public:
  /// `like`: a parsed command whose options on reading, proposals and computing `screen` is to have, too.
  ColdStart(const std::string& weights, const CLI::App& like);
  ~ColdStart();
  ColdStart(const ColdStart&) = delete;
  ColdStart& operator=(const ColdStart&) = delete;

  /// Waits for its end. Throws Error of its exit code where that is not 0 (it says itself why), Interrupted after a
  /// signal, which it gets, too.
  void screen(const std::string& ct) const;

 private:
  std::filesystem::path folder_;
  std::vector<std::string> options_;
};

}  // namespace pleura::command
