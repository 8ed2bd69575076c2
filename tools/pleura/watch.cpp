#include "watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "command.hpp"

namespace pleura::command {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::chrono::minutes longest_retry{60};

/// Adds to an FNV-1a hash.
void mix(std::uint64_t& hash, const void* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    hash ^= static_cast<const unsigned char*>(bytes)[i];
    hash *= 0x100000001b3;
  }
}

/// Of a file's or folder's name, size and time of its last change. What is gone counts as much.
std::uint64_t hash_of(const fs::path& path, const fs::path& name) {
  struct stat there {};
  static_cast<void>(stat(path.c_str(), &there));
  const std::array<std::int64_t, 4> facts{static_cast<std::int64_t>(there.st_mode & S_IFMT), there.st_size,
                                          there.st_mtim.tv_sec, there.st_mtim.tv_nsec};
  std::uint64_t hash = 0xcbf29ce484222325;
  mix(hash, name.c_str(), name.native().size());
  mix(hash, facts.data(), sizeof(facts));
  return hash;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A folder that is made where there is none.
fs::path made(const fs::path& folder) try {
  fs::create_directories(folder);
  return fs::canonical(folder);
} catch (const fs::filesystem_error& error) {
  throw Error(Status::resources, folder.string() + ": " + error.code().message());
}

/// How often to look, at least; large folders are looked at for a tenth of the time.
std::chrono::milliseconds pace(std::chrono::duration<double> settle) {
  return std::chrono::ceil<milliseconds>(
      std::clamp<std::chrono::duration<double>>(settle / 4, milliseconds(50), milliseconds(1000)));
}

bool lies_in(const fs::path& inner, const fs::path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

WatchedFolder::WatchedFolder(Options options) : options_(std::move(options)) {
  if (!fs::is_directory(options_.folder))
    throw Error(Status::usage, options_.folder.string() + ": found no folder, expected one to watch");
  if (lies_in(fs::weakly_canonical(options_.out), fs::canonical(options_.folder)))
    throw Error(Status::usage, options_.out.string() + ": found in the folder watched, expected results elsewhere");
  states_ = made(options_.out / ".states");
  lock_ = Descriptor(open(states_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw Error(Status::usage, options_.out.string() + ": found another pleura serve at work, expected none");
  for (const auto& state : fs::directory_iterator(states_))
    if (!fs::exists(options_.out / state.path().filename())) fs::remove(state.path());
}

/// Nothing where there is no such CT, or not yet.
std::optional<std::string> WatchedFolder::state_of(const std::string& name) const {
  const fs::path entry = options_.folder / name, told = options_.folder / (name + options_.marker);
  if (!fs::exists(told) || !fs::exists(entry)) return {};
  std::uint64_t sum = hash_of(told, {});  // a sum, for what a folder holds comes in no order
  if (options_.marker.empty() && fs::is_directory(entry))
    for (const auto& inner : fs::recursive_directory_iterator(entry, fs::directory_options::skip_permission_denied))
      sum += hash_of(inner.path(), inner.path().lexically_relative(entry));
  std::array<char, 16> digits{};
  return std::string(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), sum, 16).ptr);
}

bool WatchedFolder::answered(const std::string& name, const std::string& state) const {
  const fs::path folder = options_.out / name;
  return (fs::exists(folder / "result.json") || fs::exists(folder / "refusal.json")) &&
         text_of(states_ / name) == state;
}

void WatchedFolder::look() try {
  std::map<std::string, Seen> now;
  for (const auto& entry : fs::directory_iterator(options_.folder)) {
    const std::string name = entry.path().filename().string();
    if (name.front() == '.') continue;
    try {
      const std::optional<std::string> state = state_of(name);
      if (!state) continue;
      const auto before = seen_.find(name);
      const bool same = before != seen_.end() && before->second.state == *state;
      now.emplace(name, same ? before->second : Seen{*state, Clock::now(), answered(name, *state)});
    } catch (const fs::filesystem_error&) {  // it changes as it is looked at: another look will tell
    }
  }
  seen_ = std::move(now);
  lost_ = false;
} catch (const fs::filesystem_error& error) {  // a network's disk may come back
  if (!std::exchange(lost_, true)) complain(options_.folder.string() + ": " + error.code().message());
}

std::optional<Request> WatchedFolder::take() {
  const auto complete = Clock::now() - (options_.marker.empty() ? options_.settle : options_.settle.zero());
  auto first = seen_.end();
  for (auto one = seen_.begin(); one != seen_.end(); ++one)
    if (!one->second.taken && one->second.since <= complete &&
        (first == seen_.end() || one->second.since < first->second.since))
      first = one;
  if (first == seen_.end()) return {};
  const std::string& name = first->first;
  first->second.taken = true;
  Request request{(options_.folder / name).string(), options_.out / name, json_text(name), {}};
  request.answer = [this, request, name, state = first->second.state](const std::string& line, const Error* refusal) {
    answer(request, name, state, line, refusal);
  };
  return request;
}

/// The state comes last: what is interrupted before is done, and told, again.
void WatchedFolder::answer(const Request& request, const std::string& name, const std::string& state,
                           const std::string& line, const Error* refusal) {
  if (refusal != nullptr && refusal->status() == Status::input_refused) try {
      write_refusal(*refusal, request.ct, request.folder, options_.disclosure);
    } catch (const Error& error) {
      return answer(request, name, state, answer_to(request, error, options_.disclosure), &error);
    }
  std::cout << line << std::flush;
  if (refusal == nullptr || refusal->status() == Status::input_refused)
    std::ofstream(states_ / name, std::ios::binary) << state;
  else
    try_again(name, state);
}

void WatchedFolder::try_again(const std::string& name, const std::string& state) {
  const auto seen = seen_.find(name);
  if (seen == seen_.end() || seen->second.state != state) return;
  seen->second.taken = false;
  seen->second.since = Clock::now() + seen->second.retry;
  seen->second.retry = std::min(2 * seen->second.retry, longest_retry);
}

void WatchedFolder::attend(milliseconds wait) {
  const auto now = Clock::now();
  if (now < next_look_) {
    const auto left = std::chrono::ceil<milliseconds>(next_look_ - now);
    poll(nullptr, 0, static_cast<int>(std::min(wait, left).count()));
    return;
  }
  look();
  const auto took = Clock::now() - now;
  next_look_ = Clock::now() + std::max<Clock::duration>(9 * took, pace(options_.settle));
}

}  // namespace pleura::command
