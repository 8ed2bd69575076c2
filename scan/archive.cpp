#include "scan/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <clocale>
#include <memory>
#include <new>

#include "scan/text.hpp"
#include "scan/unpack.hpp"

namespace pleura::scan {
namespace {

namespace fs = std::filesystem;

/// libarchive turns names of one encoding into the thread's, and fails where that knows but ASCII.
class Utf8Names {
 public:
  Utf8Names() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(uselocale(locale_)) {}
  ~Utf8Names() {
    uselocale(before_);
    if (locale_ != nullptr) freelocale(locale_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t locale_, before_;
};

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

/// A member's path below the archive's, whatever its name tries.
fs::path path_of(const fs::path& archive, const fs::path& name) {
  fs::path path = archive;
  for (const auto& part : name.relative_path())
    if (part != "." && part != ".." && !part.empty()) path /= part;
  return path;
}

class Unpacking {
 public:
  Unpacking(const fs::path& path, const Keep& keep, std::int64_t memory, std::vector<RefusedFile>& refused)
      : path_(path),
        keep_(keep),
        refused_(refused),
        memory_(memory),
        most_bytes_(most_unpacked(InputFile(path).size())),
        archive_(archive_read_new()) {
    if (!archive_) throw std::bad_alloc();
    archive* handle = archive_.get();
    archive_read_support_format_zip_seekable(handle);
    archive_read_support_format_tar(handle);
    archive_read_support_filter_gzip(handle);
    // Without its library libarchive would start the compressor's program for a filter.
    if (archive_bzlib_version() != nullptr) archive_read_support_filter_bzip2(handle);
    if (archive_liblzma_version() != nullptr) archive_read_support_filter_xz(handle);
    if (archive_libzstd_version() != nullptr) archive_read_support_filter_zstd(handle);
    require(archive_read_open_filename(handle, path.c_str(), 1 << 16));
  }

  std::vector<InputFile> run() {
    archive_entry* entry = nullptr;
    std::int64_t members = 0, end_of_last = 0;
    for (; next(&entry); end_of_last = archive_filter_bytes(archive_.get(), 0)) {
      if (++members > most_members) refuse("more than " + counted(most_members, "member"));
      add(entry);
      require(archive_read_data_skip(archive_.get()));
    }
    // Cut off between two members a tar reads as whole, but for the block of zeros that ends it.
    if ((archive_format(archive_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR &&
        archive_filter_bytes(archive_.get(), 0) == end_of_last)
      refuse("a truncated archive (it has no end mark)");
    std::vector<InputFile> files;
    for (const auto& [member, bytes] : *kept_) files.emplace_back(member, kept_);
    return files;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Status::input_refused, path_.string() + ": " + why);
  }

  void require(int status) const {
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN) return;
    if (archive_errno(archive_.get()) == ENOMEM) throw std::bad_alloc();
    const char* why = archive_error_string(archive_.get());
    refuse("a damaged archive, or one of a kind that is not read (" + printable(why != nullptr ? why : "no reason") +
           ")");
  }

  bool next(archive_entry** entry) {
    const int status = archive_read_next_header(archive_.get(), entry);
    if (status == ARCHIVE_EOF) return false;
    require(status);
    return true;
  }

  void count(std::int64_t bytes) {
    unpacked_ += bytes;
    if (unpacked_ > memory_) throw too_large_for_memory(path_, memory_);
    if (unpacked_ > most_bytes_)
      refuse("an archive of more than " + std::to_string(most_bytes_ >> 20) + " MiB once unpacked: unpack it");
  }

  void add(archive_entry* entry) {
    const bool has_bytes = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
    if (!has_bytes)
      count(archive_entry_size(entry));  // it should have none, but what it has is unpacked to get past it
    if (archive_entry_filetype(entry) == AE_IFDIR) return;
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) refuse("an archive with a member whose name cannot be read: unpack it");
    const auto path = path_of(path_, name);
    if (archive_entry_is_encrypted(entry) != 0) refuse("an encrypted archive: unpack it");
    if (archive_entry_hardlink(entry) != nullptr)
      return refused_.push_back({path, "a second name of another member of the archive, not read twice"});
    if (archive_entry_filetype(entry) != AE_IFREG)
      return refused_.push_back({path, "a link or a device in an archive, not followed"});
    const auto one = std::make_shared<FilesInMemory>();
    Bytes& bytes = (*one)[path];
    constexpr std::size_t head = 1 << 14;
    read(bytes, head);
    if (!keep_(InputFile(path, one))) return count(archive_entry_size(entry));
    while (read(bytes, 2 * bytes.size())) {
    }
    if (const auto [twin, inserted, node] = kept_->insert(one->extract(path)); !inserted) {
      if (twin->second != node.mapped())
        refuse("an archive with two different members " + printable(fs::path(name).string()));
      refused_.push_back({path, "twice in the archive, read once"});
    }
  }

  /// Reads on until there are `size` bytes; false where the member ends before.
  bool read(Bytes& bytes, std::size_t size) {
    std::size_t done = bytes.size();
    bytes.resize(size);
    while (done < size) {
      const auto got = archive_read_data(archive_.get(), bytes.data() + done, size - done);
      if (got < 0) require(ARCHIVE_FATAL);
      count(got);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return done == size && size > 0;
  }

  const fs::path& path_;
  const Keep& keep_;
  std::vector<RefusedFile>& refused_;
  std::int64_t memory_, most_bytes_, unpacked_ = 0;
  Utf8Names names_;
  std::unique_ptr<archive, FreeArchive> archive_;
  std::shared_ptr<FilesInMemory> kept_ = std::make_shared<FilesInMemory>();
};

}  // namespace

std::vector<InputFile> read_archive(const fs::path& archive, const Keep& keep, std::int64_t memory,
                                    std::vector<RefusedFile>& refused) {
  return Unpacking(archive, keep, memory, refused).run();
}

}  // namespace pleura::scan
