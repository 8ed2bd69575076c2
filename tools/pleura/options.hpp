#pragma once
/// Options that several subcommands share.
#include <CLI/CLI.hpp>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "pleura/pleura.hpp"

namespace pleura::command {

/// --series, and what an image stack needs: --window-low, --window-high, --spacing.
class ReadArguments {
 public:
  void declare(CLI::App& command);
  /// `engine`: whose threads and memory reading shares.
  [[nodiscard]] ReadOptions options(const EngineOptions& engine = {}) const;

 private:
  std::string series_;
  std::optional<double> window_low_, window_high_;
  std::vector<double> spacing_;
};

/// --classifier, of m1 and m2.
CLI::Option* declare_classifier(CLI::App& command, std::string& name, const std::string& description);
[[nodiscard]] Classifier classifier_of(const std::string& name);

/// --shape, of profile and tune.
CLI::Option* declare_shape(CLI::App& command, std::vector<std::int64_t>& shape);

/// --memory.
void declare_memory(CLI::App& command, std::uint64_t& bytes);

/// --device, --precision, --kernels, --tune, --tune-cache, --threads, --memory.
class EngineArguments {
 public:
  enum class Tuning { asked_for, always };  ///< by --tune, or by the command itself

  void declare(CLI::App& command, Tuning tuning = Tuning::asked_for);
  [[nodiscard]] EngineOptions options() const;

  /// Of `--device cuda:0,1` or cuda:0,cuda:1: "cuda:0", "cuda:1"; of one device that alone, as it was given. Throws
  /// usage for a list of other devices, of one twice, or with --memory.
  [[nodiscard]] std::vector<std::string> devices() const;

 private:
  std::string device_ = "cpu", precision_ = "fp32", kernels_ = "native", tune_cache_;
  bool tune_ = false;
  int threads_ = 0;
  std::uint64_t memory_ = 0;
};

/// --threshold, --max-regions.
class ScreenArguments {
 public:
  void declare(CLI::App& command);
  [[nodiscard]] ScreenOptions options() const { return options_; }

 private:
  ScreenOptions options_;
};

}  // namespace pleura::command
