#include "pleura/bench.hpp"
#include "pleura/compare.hpp"
#include "pleura/error.hpp"
#include "pleura/profile.hpp"
#include "pleura/tune.hpp"

namespace pleura {
namespace {

[[noreturn]] void refuse_measuring() {
  throw Error(Status::resources, "this build of pleura neither measures nor compares (PLEURA_MEASURING=OFF)");
}

}  // namespace

Profile profile_weights(const std::filesystem::path& /*weights*/, const ProfileOptions& /*options*/,
                        const Progress& /*progress*/) {
  refuse_measuring();
}

Bench bench_weights(const std::filesystem::path& /*weights*/, const std::vector<BenchCt>& /*cts*/,
                    const BenchOptions& /*options*/, const Progress& /*progress*/) {
  refuse_measuring();
}

Sweep sweep_configurations(const std::filesystem::path& /*weights*/, const std::vector<BenchCt>& /*cts*/,
                           const BenchOptions& /*options*/, const Progress& /*progress*/) {
  refuse_measuring();
}

Comparison compare_configurations(const std::filesystem::path& /*weights*/, const Volume& /*volume*/,
                                  const CompareOptions& /*options*/, const Progress& /*progress*/) {
  refuse_measuring();
}

std::string tune_weights(const std::filesystem::path& /*weights*/, const TuneOptions& /*options*/,
                         const Progress& /*progress*/) {
  refuse_measuring();
}

}  // namespace pleura
