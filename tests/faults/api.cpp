/// What the command cannot try, through the C API:
///   fault_api writers CT WEIGHTS OUT ROUNDS  three threads write one result folder, round by round
///   fault_api soak CT WEIGHTS OUT TIMES      reads, screens and writes again and again; resident KB and open files a
///   line fault_api fork CT WEIGHTS                screens, and screens again in a forked child
/// Exits with the status of what failed, its words on standard error.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pleura/pleura.h"

namespace {

template <class Handle, void (*release)(Handle*)>
struct Release {
  void operator()(Handle* handle) const { release(handle); }
};
template <class Handle, void (*release)(Handle*)>
using Owned = std::unique_ptr<Handle, Release<Handle, release>>;
using Volume = Owned<pleura_volume, pleura_volume_free>;
using Engine = Owned<pleura_engine, pleura_engine_free>;
using Screening = Owned<pleura_screening, pleura_screening_free>;

struct Failed {
  pleura_status status;
};

void ensure(pleura_status status) {
  if (status == PLEURA_DONE) return;
  std::fprintf(stderr, "pleura: %s\n", pleura_last_error());
  throw Failed{status};
}

Volume read(const char* ct) {
  pleura_volume* volume = nullptr;
  ensure(pleura_volume_read(ct, nullptr, 0, &volume));
  return Volume(volume);
}

Engine load(const char* weights) {
  pleura_engine* engine = nullptr;
  ensure(pleura_engine_create(weights, nullptr, &engine));
  return Engine(engine);
}

Screening screen(const Engine& engine, const Volume& volume) {
  pleura_screen_options options = pleura_screen_options_default();
  options.max_regions = 2;
  pleura_screening* screening = nullptr;
  ensure(pleura_engine_screen(engine.get(), volume.get(), &options, nullptr, nullptr, &screening));
  return Screening(screening);
}

void write_in_threads(char** arguments) {
  const Volume volume = read(arguments[0]);
  const Engine engine = load(arguments[1]);
  const int rounds = std::atoi(arguments[3]);
  std::vector<Screening> screenings;  // a handle serves one thread at a time
  for (int i = 0; i < 3; ++i) screenings.push_back(screen(engine, volume));
  std::atomic<int> worst{PLEURA_DONE};
  std::vector<std::thread> writers;
  for (const Screening& screening : screenings)
    writers.emplace_back([&] {
      try {
        for (int round = 0; round < rounds; ++round) ensure(pleura_screening_write(screening.get(), arguments[2], 0));
      } catch (const Failed& failed) {
        worst = failed.status;
      }
    });
  for (std::thread& writer : writers) writer.join();
  if (worst != PLEURA_DONE) throw Failed{static_cast<pleura_status>(worst.load())};
}

long resident_kilobytes() {
  std::ifstream status("/proc/self/statm");
  long pages = 0, resident = 0;
  status >> pages >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

void soak(char** arguments) {
  const Engine engine = load(arguments[1]);
  for (int i = 0, times = std::atoi(arguments[3]); i < times; ++i) {
    ensure(pleura_screening_write(screen(engine, read(arguments[0])).get(), arguments[2], PLEURA_WRITE_MASKS));
    const auto files = std::filesystem::directory_iterator("/proc/self/fd");
    std::printf("%ld %ld\n", resident_kilobytes(), static_cast<long>(std::distance(begin(files), end(files))));
  }
}

void screen_in_child(char** arguments) {
  const Volume volume = read(arguments[0]);
  const Engine engine = load(arguments[1]);
  const Screening before = screen(engine, volume);
  const pid_t child = fork();
  if (child == 0) {
    try {
      screen(engine, volume);
    } catch (const Failed& failed) {
      _exit(failed.status);
    }
    _exit(PLEURA_DONE);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw Failed{WIFEXITED(status) ? static_cast<pleura_status>(WEXITSTATUS(status)) : PLEURA_INTERNAL};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 3 ? argv[1] : "";
  try {
    if (what == "writers" && argc == 6)
      write_in_threads(argv + 2);
    else if (what == "soak" && argc == 6)
      soak(argv + 2);
    else if (what == "fork" && argc == 4)
      screen_in_child(argv + 2);
    else
      return PLEURA_USAGE;
  } catch (const Failed& failed) {
    return failed.status;
  }
  return PLEURA_DONE;
}
