#include "files/replace.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "files/draft.hpp"

namespace pleura::files {
namespace {

namespace fs = std::filesystem;

/// What bears the place's name, as S_IFMT gives it. 0: nothing.
mode_t kind_of(const Place& place) {
  struct stat found {};
  if (::fstatat(place.folder.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0)
    return found.st_mode & static_cast<mode_t>(S_IFMT);
  if (errno != ENOENT) throw_errno();
  return 0;
}

/// Whether an earlier folder is to be replaced.
bool has_earlier(const Place& place) {
  const mode_t kind = kind_of(place);
  if (kind != 0 && kind != S_IFDIR) throw std::system_error(ENOTDIR, std::generic_category());
  return kind != 0;
}

/// 0, or the error's number.
int rename_in(const Place& place, const std::string& from, const std::string& to, unsigned flags = 0) {
  const int folder = place.folder.get();
  const int failed = flags == 0 ? ::renameat(folder, from.c_str(), folder, to.c_str())
                                : ::renameat2(folder, from.c_str(), folder, to.c_str(), flags);
  return failed == 0 ? 0 : errno;
}

/// One try where the file system cannot exchange folders: the earlier one is moved aside, and back should the draft not
/// follow. Returns the error's number.
int take_place_by_two(const Place& place, const Draft& draft) {
  const std::string aside = name_for_earlier(place);
  const int moved = has_earlier(place) ? rename_in(place, place.name, aside) : ENOENT;
  if (moved != 0 && moved != ENOENT) return moved;
  const int failed = rename_in(place, draft.name(), place.name);
  if (moved != 0) return failed;
  const auto is_taken = [](int error) { return error == EEXIST || error == ENOTEMPTY; };  // by another writer
  if (failed == 0 || is_taken(failed) || is_taken(rename_in(place, aside, place.name)))
    remove_tree(place.folder, aside);
  return failed;
}

/// Gives the draft its place. Its name then has the earlier folder, if any.
void take_place(const Place& place, const Draft& draft) {
  bool exchanges = true;
  int failed = 0;
  for (int tries = 0; tries < 100; ++tries) {  // other writers may put something there, and take it away
    failed = exchanges
                 ? rename_in(place, draft.name(), place.name, has_earlier(place) ? RENAME_EXCHANGE : RENAME_NOREPLACE)
                 : take_place_by_two(place, draft);
    if (failed == 0) return;
    if (exchanges && (failed == EINVAL || failed == ENOSYS))
      exchanges = false;
    else if (failed != EEXIST && failed != ENOTEMPTY && failed != ENOENT)
      break;
  }
  throw std::system_error(failed, std::generic_category());
}

/// The folders above a path: those missing are made, and removed again if they stay empty and are not kept.
class FoldersAbove {
 public:
  FoldersAbove() = default;
  void make(const fs::path& path) {
    std::vector<fs::path> missing;
    for (fs::path above = path.parent_path(); !above.empty() && !fs::exists(above); above = above.parent_path())
      missing.push_back(above);
    while (!missing.empty()) {
      if (fs::create_directory(missing.back())) made_.push_back(missing.back());
      missing.pop_back();
    }
  }
  ~FoldersAbove() {
    std::error_code ignored;
    while (!made_.empty() && fs::remove(made_.back(), ignored)) made_.pop_back();
  }
  FoldersAbove(const FoldersAbove&) = delete;
  FoldersAbove& operator=(const FoldersAbove&) = delete;

  void keep() {
    for (const fs::path& folder : std::exchange(made_, {})) open_folder(folder.parent_path()).sync();
  }

 private:
  std::vector<fs::path> made_;
};

}  // namespace

WriteFailed::WriteFailed(const fs::path& path, std::error_code why)
    : Error(Status::resources, path.string() + ": cannot be written: " + why.message()), path_(path), why_(why) {}

void replace_file(const fs::path& file, const std::function<void(const Sink&)>& fill) {
  writing(file, [&] {
    const Place place = place_of(file);
    const mode_t kind = kind_of(place);
    if (kind != 0 && kind != S_IFREG && kind != S_IFLNK)
      throw Error(Status::usage, file.string() + ": found a folder or a device, expected a file or nothing");
    remove_remnants(place);
    const Draft draft(place, Draft::Kind::file);
    Descriptor out = draft.opened().duplicate();  // the draft's own keeps the lock
    fill([&](std::span<const std::byte> bytes) { out.write(bytes); });
    out.sync();
    out.close();
    const int failed = rename_in(place, draft.name(), place.name);
    if (failed != 0) throw std::system_error(failed, std::generic_category());
    place.folder.sync();
  });
}

void write_file(const fs::path& file, std::span<const std::byte> bytes) {
  replace_file(file, [&](const Sink& sink) { sink(bytes); });
}

void write_file(const fs::path& file, std::string_view text) { write_file(file, std::as_bytes(std::span(text))); }

fs::path folder_meant(const fs::path& path) {
  return writing(path, [&] {
    const fs::path folder = fs::weakly_canonical(fs::absolute(path));
    return folder.has_filename() ? folder : folder.parent_path();
  });
}

void replace_folder(const fs::path& folder, const std::function<void(const fs::path&)>& fill) {
  writing(folder, [&] {
    FoldersAbove above;
    above.make(folder);
    const Place place = place_of(folder);
    remove_remnants(place);
    Draft draft(place, Draft::Kind::folder);
    const fs::path path = folder.parent_path() / draft.name();
    try {
      fill(path);
    } catch (const WriteFailed& failure) {
      const fs::path inside = failure.path().lexically_relative(path);
      const bool is_inside = !inside.empty() && *inside.begin() != "..";
      throw WriteFailed(is_inside ? folder / inside : failure.path(), failure.why());
    }
    sync_tree(draft.opened());
    draft.open_to_all();
    draft.opened().sync();
    take_place(place, draft);
    above.keep();
    place.folder.sync();
    draft.remove();
  });
}

void create_file(const fs::path& file, std::span<const std::byte> bytes) {
  writing(file, [&] {
    const Place place = place_of(file);
    Descriptor out = try_open(place.folder, place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
    if (!out) throw_errno();
    out.write(bytes);
    out.close();
  });
}

void create_file(const fs::path& file, std::string_view text) { create_file(file, std::as_bytes(std::span(text))); }

void require_writable(const fs::path& folder) {
  writing(folder, [&] {
    fs::path above = folder.parent_path();
    while (!above.empty() && !fs::exists(above)) above = above.parent_path();
    const Place place{open_folder(above), folder.filename()};
    Draft(place, Draft::Kind::folder).remove();
  });
}

}  // namespace pleura::files
