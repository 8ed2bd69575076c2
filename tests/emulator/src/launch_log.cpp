#include "launch_log.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "sanitizers.hpp"

namespace emulator {

namespace {

class Log {
 public:
  ~Log() {
    const char* path = std::getenv("EMULATOR_LAUNCH_LOG");
    if (!path || counts_.empty()) return;
    std::FILE* file = std::fopen(path, "a");
    if (!file) return;
    std::setvbuf(file, nullptr, _IOFBF, 1 << 20);  // one write: processes share the log
    for (const auto& [kernel, count] : counts_)
      std::fprintf(file, "%s\t%llu\t%s\n",
                   with_asan   ? "asan"
                   : with_tsan ? "tsan"
                               : "plain",
                   static_cast<unsigned long long>(count), kernel.c_str());
    std::fclose(file);
  }

  void add(const std::string& kernel) { ++counts_[kernel]; }

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace

void log_launch(const std::string& kernel) {
  static Log log;
  log.add(kernel);
}

}  // namespace emulator
