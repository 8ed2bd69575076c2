#include "files/descriptor.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <future>
#include <memory>
#include <string_view>
#include <system_error>

namespace pleura::files {
namespace {

/// Calls the system until no signal interrupts it.
template <class Call>
auto uninterrupted(const Call& call) {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR) outcome = call();
  return outcome;
}

template <class T>
T ensure(T outcome) {
  if (outcome < 0) throw_errno();
  return outcome;
}

Descriptor open_inside(const Descriptor& folder, const std::string& name, int flags) {
  Descriptor opened = try_open(folder, name, flags | O_RDONLY | O_NOFOLLOW);
  if (!opened) throw_errno();
  return opened;
}

/// As getdents64; nothing more in a folder that is removed meanwhile.
std::ptrdiff_t list(const Descriptor& folder, std::span<char> entries) {
  const auto bytes = ::getdents64(folder.get(), entries.data(), entries.size());
  return bytes < 0 && errno == ENOENT ? 0 : ensure(bytes);
}

/// Without memory, where readdir takes some: what ran out of it cleans up after itself too.
void remove_in(int folder, const char* name) {  // NOLINT(misc-no-recursion): as deep as the folders
  if (::unlinkat(folder, name, 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR) throw_errno();
  const Descriptor inside(
      uninterrupted([&] { return ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
  if (!inside && errno == ENOENT) return;
  if (!inside) throw_errno();
  alignas(dirent64) std::array<char, 2048> entries;
  for (bool again = true; std::exchange(again, false); ensure(::lseek(inside.get(), 0, SEEK_SET)))
    while (const auto bytes = list(inside, entries))
      for (std::ptrdiff_t at = 0; at < bytes;) {
        const auto* entry = reinterpret_cast<const dirent64*>(entries.data() + at);
        at += entry->d_reclen;
        const std::string_view found = entry->d_name;
        if (found == "." || found == "..") continue;
        remove_in(inside.get(), entry->d_name);
        again = true;  // a folder that shrinks may be listed with gaps
      }
  if (::unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno != ENOENT) throw_errno();
}

/// A disk brings several files home in the time of one. Closes them; throws what the first of them met.
void sync_side_by_side(std::vector<Descriptor>& entries) {
  const std::vector<Descriptor> held = std::exchange(entries, {});
  std::vector<std::future<void>> syncing;  // without a thread to spare each is synced when it is waited for
  for (const Descriptor& entry : held) syncing.push_back(std::async([&entry] { entry.sync(); }));
  for (std::future<void>& one : syncing) one.get();
}

}  // namespace

void throw_errno() { throw std::system_error(errno, std::generic_category()); }

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor Descriptor::duplicate() const { return Descriptor(ensure(::fcntl(number_, F_DUPFD_CLOEXEC, 0))); }

void Descriptor::write(std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto taken = ensure(uninterrupted([&] { return ::write(number_, bytes.data(), bytes.size()); }));
    if (taken == 0) throw std::system_error(EIO, std::generic_category());
    bytes = bytes.subspan(static_cast<std::size_t>(taken));
  }
}

std::size_t Descriptor::read(std::span<std::byte> bytes) const {
  const auto got = ensure(uninterrupted([&] { return ::read(number_, bytes.data(), bytes.size()); }));
  return static_cast<std::size_t>(got);
}

void Descriptor::sync() const {
  const bool done = uninterrupted([&] { return ::fsync(number_); }) == 0;
  if (!done && errno != EINVAL && errno != EBADF && errno != ENOSYS && errno != EOPNOTSUPP) throw_errno();
}

void Descriptor::close() {
  // Interrupted, it is closed all the same: the number may be another file's already.
  if (::close(std::exchange(number_, -1)) < 0 && errno != EINTR) throw_errno();
}

Descriptor try_open(const Descriptor& folder, const std::string& name, int flags, mode_t mode) {
  return Descriptor(
      uninterrupted([&] { return ::openat(folder.get(), name.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode); }));
}

Descriptor open_folder(const std::filesystem::path& folder) {
  const Descriptor here(AT_FDCWD);
  const std::string name = folder.empty() ? "." : folder.string();
  Descriptor opened = try_open(here, name, O_RDONLY | O_DIRECTORY);
  if (!opened && errno == EACCES) opened = try_open(here, name, O_PATH | O_DIRECTORY);
  if (!opened) throw_errno();
  return opened;
}

std::vector<std::string> names_in(const Descriptor& folder) {
  Descriptor again = open_inside(folder, ".", O_DIRECTORY);  // whose place in the list is its own
  struct CloseListing {
    void operator()(DIR* listing) const { ::closedir(listing); }
  };
  const std::unique_ptr<DIR, CloseListing> listing(::fdopendir(again.get()));
  if (!listing) throw_errno();
  again.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) throw_errno();
  return names;
}

void remove_tree(const Descriptor& folder, const std::string& name) { remove_in(folder.get(), name.c_str()); }

void sync_tree(const Descriptor& folder) {  // NOLINT(misc-no-recursion): as deep as the folders
  constexpr std::size_t most_at_once = 16;
  std::vector<Descriptor> waiting;
  for (const std::string& name : names_in(folder)) {
    Descriptor entry = try_open(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!entry && !waiting.empty()) {  // the process may open no more, it may be
      sync_side_by_side(waiting);
      entry = try_open(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    }
    if (!entry) throw_errno();
    struct stat about {};
    ensure(::fstat(entry.get(), &about));
    if (S_ISDIR(about.st_mode)) sync_tree(entry);
    waiting.push_back(std::move(entry));
    if (waiting.size() == most_at_once) sync_side_by_side(waiting);
  }
  sync_side_by_side(waiting);
}

}  // namespace pleura::files
