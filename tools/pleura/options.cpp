#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "command.hpp"

namespace pleura::command {

void ReadArguments::declare(CLI::App& command) {
  constexpr const char* group = "Reading the CT";
  command.add_option("--series", series_, "screen this series (scan lists them), not the one the rules choose")
      ->type_name("UID")
      ->group(group);
  command.add_option("--window-low", window_low_, "image stack: HU of black")->type_name("HU")->group(group);
  command.add_option("--window-high", window_high_, "image stack: HU of white")->type_name("HU")->group(group);
  command.add_option("--spacing", spacing_, "image stack: mm between slices, rows and columns")
      ->type_name("Z,Y,X")
      ->delimiter(',')
      ->expected(3)
      ->check(CLI::PositiveNumber)
      ->group(group);
}

ReadOptions ReadArguments::options(const EngineOptions& engine) const {
  ReadOptions options;
  options.series_uid = series_;
  options.window_low = window_low_;
  options.window_high = window_high_;
  options.threads = engine.threads;
  options.memory_bytes = engine.memory_bytes;
  if (!spacing_.empty()) std::copy_n(spacing_.begin(), 3, options.spacing.emplace().begin());
  return options;
}

CLI::Option* declare_classifier(CLI::App& command, std::string& name, const std::string& description) {
  return command.add_option("--classifier", name, description)->check(CLI::IsMember({"m1", "m2"}))->type_name("NAME");
}

Classifier classifier_of(const std::string& name) { return name == "m1" ? Classifier::m1 : Classifier::m2; }

CLI::Option* declare_shape(CLI::App& command, std::vector<std::int64_t>& shape) {
  return command
      .add_option("--shape", shape, "of the segmenter's input without a CT, multiples of 16; default 128,112,160")
      ->type_name("Z,Y,X")
      ->delimiter(',')
      ->expected(3)
      ->check(CLI::PositiveNumber);
}

void declare_memory(CLI::App& command, std::uint64_t& bytes) {
  command
      .add_option(
          "--memory", bytes,
          "bound on the memory of the process, like 800M or 2G; never changes a result; default: three quarters "
          "of what the machine, its cgroup and the limits allow")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->group("Computing");
}

void EngineArguments::declare(CLI::App& command, Tuning tuning) {
  constexpr const char* group = "Computing";
  command
      .add_option(
          "--device", device_,
          "cpu; cuda, or cuda:N by its number; cuda:0,1: screen's CTs on several; auto: cuda where a GPU can be "
          "used, else cpu; reference: the naive specification, slow, for checks")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  command.add_option("--precision", precision_, "of the segmenter: fp32, bf16 (cpu) or fp16 (cuda)")
      ->check(CLI::IsMember({"fp32", "bf16", "fp16"}))
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  command
      .add_option(
          "--kernels", kernels_,
          "native; cudnn: NVIDIA's library on a CUDA device, for each layer that it has a way for; any: the one "
          "thought faster, where cuDNN can be had")
      ->check(CLI::IsMember({"native", "cudnn", "any"}))
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  CLI::Option* const cache = command
                                 .add_option("--tune-cache", tune_cache_,
                                             "the cache of measured kernels; default: tuning.json in $PLEURA_CACHE, "
                                             "$XDG_CACHE_HOME/pleura or ~/.cache/pleura")
                                 ->type_name("FILE")
                                 ->group(group);
  if (tuning == Tuning::always)
    tune_ = true;
  else
    cache->needs(command
                     .add_flag("--tune", tune_,
                               "take for each layer the kernel that is the fastest here, measured once and kept in "
                               "a cache")
                     ->group(group));
  command.add_option("--threads", threads_, "threads to use; 0: one per core")
      ->check(CLI::Range(0, 4096))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  declare_memory(command, memory_);
}

EngineOptions EngineArguments::options() const {
  EngineOptions options;
  options.device = device_;
  options.precision = precision_ == "bf16" ? Precision::bf16 : precision_ == "fp16" ? Precision::fp16 : Precision::fp32;
  options.kernels = kernels_ == "cudnn" ? Kernels::cudnn : kernels_ == "any" ? Kernels::any : Kernels::native;
  options.tune = tune_;
  options.tune_cache = tune_cache_;
  options.note = [](const std::string& line) { complain(line); };
  options.threads = threads_;
  options.memory_bytes = memory_;
  return options;
}

std::vector<std::string> EngineArguments::devices() const {
  if (device_.find(',') == std::string::npos) return {device_};
  const auto refuse = [&](const std::string& found, const std::string& expected) {
    throw Error(Status::usage, "--device " + device_ + ": found " + found + ", expected " + expected);
  };
  if (memory_ > 0) refuse("several devices and --memory", "one device under a bound on memory");
  std::vector<std::string> names;
  std::istringstream list(device_ + ",");
  for (std::string word; std::getline(list, word, ',');) {
    const std::string prefix = "cuda:", digits = word.starts_with(prefix) ? word.substr(prefix.size()) : word;
    int number = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || number < 0 || (names.empty() && digits == word))
      refuse("'" + word + "'", "CUDA devices by their numbers, like cuda:0,1");
    std::string name = prefix + std::to_string(number);
    if (std::find(names.begin(), names.end(), name) != names.end()) refuse(name + " twice", "each device once");
    names.push_back(std::move(name));
  }
  return names;
}

void ScreenArguments::declare(CLI::App& command) {
  constexpr const char* group = "Proposals";
  command
      .add_option("--threshold", options_.threshold,
                  "drop proposals below this probability; default: the weights file's")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P")
      ->group(group);
  command.add_option("--max-regions", options_.max_regions, "keep this many of the best; default: the weights file's")
      ->check(CLI::Range(0, 1 << 20))
      ->type_name("N")
      ->group(group);
}

}  // namespace pleura::command
