#include "runtime/cuda/architectures.hpp"

#include <charconv>

namespace pleura::runtime::cuda {
namespace {

/// One entry of the list.
struct Architecture {
  int major = 0, minor = 0;
  bool exact = false;  ///< an "a" after the number: for no other GPU
  bool code = true, ptx = true;

  [[nodiscard]] bool runs_on(const Capability& gpu) const {
    if (exact) return major == gpu.major && minor == gpu.minor;
    if (code && major == gpu.major && minor <= gpu.minor) return true;
    return ptx && 10 * major + minor <= 10 * gpu.major + gpu.minor;
  }
};

Architecture parse(std::string_view entry) {
  int number = 0;
  const char* const end = std::from_chars(entry.data(), entry.data() + entry.size(), number).ptr;
  const std::string_view rest = entry.substr(static_cast<std::size_t>(end - entry.data()));
  Architecture architecture{number / 10, number % 10};
  architecture.exact = rest.starts_with('a');
  architecture.code = !rest.ends_with("-virtual");
  architecture.ptx = !rest.ends_with("-real");
  return architecture;
}

std::string advice(const Capability& gpu, const std::string& number) {
  const int sm = 10 * gpu.major + gpu.minor;
  if (sm < 50) return "pleura needs sm_50 or later";
  const std::string by_hand = "-DCMAKE_CUDA_ARCHITECTURES=" + number;
  if (sm < 75)
    return "expected a build by CUDA 12, the last for it: preset cuda-all" + (sm == 61 ? "" : " with " + by_hand);
  return "expected a build with " + by_hand;
}

}  // namespace

std::string_view built_architectures() { return PLEURA_CUDA_ARCHITECTURES; }

std::string missing_build(std::string_view gpu, const Capability& capability, std::string_view built) {
  if (built.empty()) return {};
  std::string names;
  for (std::string_view rest = built; !rest.empty();) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(entry.size() < rest.size() ? entry.size() + 1 : rest.size());
    if (parse(entry).runs_on(capability)) return {};
    names.append(names.empty() ? "" : " ").append(entry.substr(0, entry.find('-')));
  }
  const std::string number = std::to_string(capability.major) + std::to_string(capability.minor);
  return std::string(gpu) + " is sm_" + number + ", this build has code for " + names + ": " +
         advice(capability, number);
}

}  // namespace pleura::runtime::cuda
