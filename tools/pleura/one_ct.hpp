#pragma once
/// One CT on its way from a path to its result: for `screen`, which is given all its CTs, and `serve`, which is asked
/// for one after the other.
#include <CLI/CLI.hpp>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "options.hpp"
#include "pleura/pleura.hpp"

namespace pleura::command {

/// What a CT may be screened and written with.
class CaseArguments {
 public:
  void declare(CLI::App& command);

  [[nodiscard]] EngineOptions engine() const;
  [[nodiscard]] std::vector<std::string> devices() const { return engine_.devices(); }
  [[nodiscard]] ReadOptions read() const { return read_.options(engine()); }
  [[nodiscard]] ScreenOptions screen() const;
  [[nodiscard]] WriteOptions write() const { return {save_masks_, disclosure(), !no_pictures_}; }
  [[nodiscard]] Disclosure disclosure() const {
    return anonymous_ ? Disclosure::anonymous : identify_ ? Disclosure::identified : Disclosure::usual;
  }

 private:
  std::string classifier_ = "m2";
  bool save_masks_ = false, no_pictures_ = false, identify_ = false, anonymous_ = false;
  ReadArguments read_;
  EngineArguments engine_;
  ScreenArguments screen_;
};

/// Says where "auto" took the CPU, and why, by an engine's device_note.
void tell_device(const std::string& note);

/// A CT as it was read, and how long that took.
struct Decoded {
  Volume volume;
  ScanReport report;
  std::chrono::system_clock::time_point started;
  double seconds = 0;
};

[[nodiscard]] double seconds_since(std::chrono::steady_clock::time_point start);

/// Begins to read a CT, beside what else is done.
[[nodiscard]] std::future<Decoded> decode(const std::string& ct, const ReadOptions& options);

/// A CT that was read beside the networks; where memory was too short for both it is read again, alone.
[[nodiscard]] Decoded settled(std::future<Decoded> reading, const std::string& ct, const ReadOptions& options);

/// Screens a CT that was read. The result tells of the reading, too.
[[nodiscard]] Screening screen_decoded(Engine& engine, Decoded decoded, const std::string& ct,
                                       const CaseArguments& arguments, const Progress& progress);

}  // namespace pleura::command
