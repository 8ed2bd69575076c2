// What a command does once, beside the networks: reads weights files and hashes bytes. bench_start WEIGHTS.h5...
#include <iostream>
#include <string>
#include <vector>

#include "files/sha256_blocks.hpp"
#include "report.hpp"
#include "runtime/parallel.hpp"
#include "weights/model.hpp"

namespace pleura::bench {
namespace {

void read_weights(benchmark::State& state, const std::string& file, int threads) {
  for (auto _ : state) benchmark::DoNotOptimize(weights::read_model(file, threads));
}

/// As many bytes as 64 slices of 512 x 512 voxels have.
void hash(benchmark::State& state, files::sha256::Blocks blocks) {
  const std::vector<std::uint8_t> bytes(std::size_t{64} * 512 * 512 * 2, 7);
  files::sha256::State sha{};
  for (auto _ : state) blocks(sha, bytes.data(), bytes.size() / files::sha256::kBlockBytes);
  benchmark::DoNotOptimize(sha);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  using namespace pleura;
  benchmark::Initialize(&argc, argv);
  if (argc < 2) {
    std::cerr << "usage: bench_start WEIGHTS.h5... [--benchmark_...]\n";
    return 1;
  }
  for (int i = 1; i < argc; ++i)
    for (const int threads : {1, resolve_threads(0)}) {
      const std::string file = argv[i];
      const std::string name =
          "read/" + file.substr(file.find_last_of('/') + 1) + "/" + std::to_string(threads) + "_threads";
      bench::repeated(benchmark::RegisterBenchmark(name.c_str(), bench::read_weights, file, threads));
    }
  bench::repeated(benchmark::RegisterBenchmark("sha256/portable", bench::hash, files::sha256::portable_blocks));
  if (const auto instructed = files::sha256::instructed_blocks())
    bench::repeated(benchmark::RegisterBenchmark("sha256/instructions", bench::hash, instructed));
  benchmark::RunSpecifiedBenchmarks();
}
