#include "files/draft.hpp"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

namespace pleura::files {
namespace {

constexpr const char *draft_mark = ".pleura-", *earlier_mark = ".pleura-earlier-";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t random_letters = 12;

std::string random_name(const std::string& start) {
  std::array<std::uint8_t, random_letters> random{};
  if (::getentropy(random.data(), random.size()) != 0) throw_errno();
  std::string name = start;
  for (const std::uint8_t value : random) name += letters[value % letters.size()];
  return name;
}

bool is_random_name(std::string_view name, const std::string& start) {
  return name.size() == start.size() + random_letters && name.starts_with(start) &&
         name.find_first_not_of(letters, start.size()) == std::string_view::npos;
}

struct stat about(const Descriptor& opened) {
  struct stat found {};
  if (::fstat(opened.get(), &found) != 0) throw_errno();
  return found;
}

/// Whether a name is still that of what is open.
bool is_named(const Descriptor& folder, const std::string& name, const Descriptor& opened) {
  struct stat named {};
  if (::fstatat(folder.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    throw_errno();
  }
  const struct stat open = about(opened);
  return named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

/// All drafts of this process, the latest first.
Draft* drafts = nullptr;
std::mutex drafts_mutex;

enum class Lock { taken, held_by_another, unknown_here };

Lock lock(const Descriptor& opened) {
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0) return Lock::taken;
  if (errno == EWOULDBLOCK) return Lock::held_by_another;
  constexpr std::array unknown{EBADF, EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP};  // network disks: nobody can lock, then
  if (std::ranges::find(unknown, errno) == unknown.end()) throw_errno();
  return Lock::unknown_here;
}

/// Made and opened under a name that was free; not open where the name is taken, or its bearer was removed at once.
Descriptor make(const Descriptor& folder, const std::string& name, Draft::Kind kind) {
  Descriptor made;
  if (kind == Draft::Kind::file) {
    made = try_open(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
    if (!made && errno != EEXIST) throw_errno();
    return made;
  }
  if (::mkdirat(folder.get(), name.c_str(), 0700) != 0) {
    if (errno != EEXIST) throw_errno();
    return made;
  }
  made = try_open(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!made && errno != ENOENT) {
    const int why = errno;
    ::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR);
    throw std::system_error(why, std::generic_category());
  }
  return made;
}

void remove_if_dead(const Descriptor& folder, const std::string& name) {
  const Descriptor remnant = try_open(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!remnant) return;
  const struct stat found = about(remnant);
  if (found.st_uid != ::geteuid() || !(S_ISREG(found.st_mode) || S_ISDIR(found.st_mode))) return;
  if (lock(remnant) == Lock::taken && is_named(folder, name, remnant)) remove_tree(folder, name);
}

}  // namespace

Place place_of(const std::filesystem::path& target) {
  const std::string name = target.filename().string();
  if (name.empty() || name == "." || name == "..") throw std::system_error(EISDIR, std::generic_category());
  return {open_folder(target.parent_path()), name};
}

Draft::Draft(const Place& place, Kind kind) : place_(place), process_(::getpid()) {
  for (int tries = 0; tries < 100; ++tries) {
    name_ = random_name(place.name + draft_mark);
    opened_ = make(place.folder, name_, kind);
    if (!opened_) continue;
    try {
      // Another writer may have taken it for a remnant before it was locked.
      if (lock(opened_) == Lock::held_by_another || !is_named(place.folder, name_, opened_)) continue;
      if (kind == Kind::folder)
        for (Descriptor& spare : reserve_) spare = opened_.duplicate();
      enlist();
      return;
    } catch (...) {
      ::unlinkat(place.folder.get(), name_.c_str(), kind == Kind::folder ? AT_REMOVEDIR : 0);
      throw;
    }
  }
  throw std::system_error(EEXIST, std::generic_category());
}

Draft::~Draft() {
  discharge();
  try {
    remove();
  } catch (...) {  // a remnant for the next writer to remove
  }
}

void Draft::open_to_all() const {
  // What mkdir gives here says the umask, which cannot be read without being changed for all threads.
  constexpr const char* trial = "mode";
  struct stat found {};
  if (::mkdirat(opened_.get(), trial, 0777) != 0) throw_errno();
  const bool known = ::fstatat(opened_.get(), trial, &found, AT_SYMLINK_NOFOLLOW) == 0;
  if (!known || ::unlinkat(opened_.get(), trial, AT_REMOVEDIR) != 0) throw_errno();
  if (::fchmod(opened_.get(), found.st_mode & 07777) != 0) throw_errno();
}

void Draft::remove() {
  reserve_ = {};
  remove_tree(place_.folder, name_);
}

void Draft::enlist() {
  const std::lock_guard lock(drafts_mutex);
  next_ = std::exchange(drafts, this);
  if (next_ != nullptr) next_->previous_ = this;
}

void Draft::discharge() {
  const std::lock_guard lock(drafts_mutex);
  (previous_ != nullptr ? previous_->next_ : drafts) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

void Draft::remove_all() noexcept {
  const std::unique_lock lock(drafts_mutex, std::try_to_lock);  // another thread may have ended with it
  if (!lock) return;
  for (Draft* draft = drafts; draft != nullptr; draft = draft->next_) {
    if (draft->process_ != ::getpid()) continue;
    try {
      draft->remove();
    } catch (...) {  // a remnant for the next writer to remove
    }
  }
}

std::string name_for_earlier(const Place& place) { return random_name(place.name + earlier_mark); }

void remove_remnants(const Place& place) try {
  struct stat ignored {};
  const bool stands = ::fstatat(place.folder.get(), place.name.c_str(), &ignored, AT_SYMLINK_NOFOLLOW) == 0;
  for (const std::string& name : names_in(place.folder)) {
    const bool draft = is_random_name(name, place.name + draft_mark);
    const bool earlier = stands && is_random_name(name, place.name + earlier_mark);
    if (!draft && !earlier) continue;
    try {
      remove_if_dead(place.folder, name);
    } catch (const std::system_error&) {  // it stays
    }
  }
} catch (const std::system_error&) {  // a folder that cannot be listed
}

}  // namespace pleura::files
