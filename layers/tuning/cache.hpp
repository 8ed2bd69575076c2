#pragma once
/// Kernel variants that were measured, kept in a file from run to run.
#include <filesystem>
#include <map>
#include <string>

namespace pleura::layers {

/// What choices hold for: each a printable line.
struct TuningScope {
  std::string device;     ///< the processor with its instruction sets and threads, or the GPU with its driver
  std::string build;      ///< of pleura
  std::string libraries;  ///< of others, whose kernels are among the variants
  std::string kernels;    ///< what may be chosen from: "native", "cudnn", "any"
  bool operator==(const TuningScope&) const = default;
};

struct TunedChoice {
  std::string variant;
  std::map<std::string, double> seconds;  ///< of each variant that was measured
  bool operator==(const TunedChoice&) const = default;
};

/// By what is to be computed.
using TunedChoices = std::map<std::string, TunedChoice>;

/// The choices of one scope. The file holds those of others, too; what was chosen first stays. Whatever lies under the
/// file's name is believed only where it is whole and its checksum fits.
class TuningCache {
 public:
  /// Throws Error(usage) where something other than a file lies there.
  TuningCache(std::filesystem::path file, TuningScope scope);

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] const TuningScope& scope() const { return scope_; }

  /// Why the file gave nothing for the scope, in one line; empty where it did.
  [[nodiscard]] const std::string& rebuilt_because() const { return why_; }

  /// nullptr where nothing was chosen yet.
  [[nodiscard]] const TunedChoice* find(const std::string& operation) const;

  /// Throws WriteFailed where the file could not be written; makes the folder that it lies in.
  void require_writable() const;

  /// Writes what is new, beside the file and then in its place. Where another process was first with an operation,
  /// that one's choice holds here, too. Beyond 16 scopes or 4 MiB those that were written longest ago go, and what
  /// still does not fit is not kept. Throws WriteFailed.
  void add(const TunedChoices& measured);

 private:
  std::filesystem::path file_;
  TuningScope scope_;
  std::string why_;
  TunedChoices choices_;
};

/// `asked`, or where that is empty tuning.json in $PLEURA_CACHE, $XDG_CACHE_HOME/pleura or $HOME/.cache/pleura, the
/// first that is set; the second where it is an absolute path. Throws Error(usage) where none is.
[[nodiscard]] std::filesystem::path tuning_file(const std::filesystem::path& asked);

}  // namespace pleura::layers
