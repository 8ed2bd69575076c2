#pragma once
/// Archives for tests, written by libarchive.
#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace pleura::scan::test {

struct Member {
  std::string name, bytes;
  std::string hard_link = {}, symbolic_link = {};  ///< what it leads to, where it is a link
};
using Members = std::vector<Member>;

struct Packing {
  int format = ARCHIVE_FORMAT_ZIP;
  int filter = ARCHIVE_FILTER_NONE;
  const char* options = nullptr;
  const char* password = nullptr;
};

inline void pack(const std::filesystem::path& path, const Members& members, const Packing& packing = {}) {
  archive* out = archive_write_new();
  const auto ensure = [&](int status) {
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) throw std::runtime_error(archive_error_string(out));
  };
  ensure(archive_write_set_format(out, packing.format));
  ensure(archive_write_add_filter(out, packing.filter));
  if (packing.options != nullptr) ensure(archive_write_set_options(out, packing.options));
  if (packing.password != nullptr) ensure(archive_write_set_passphrase(out, packing.password));
  ensure(archive_write_open_filename(out, path.c_str()));
  for (const auto& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.symbolic_link.empty() ? AE_IFREG : AE_IFLNK);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(member.bytes.size()));
    if (!member.hard_link.empty()) archive_entry_set_hardlink(entry, member.hard_link.c_str());
    if (!member.symbolic_link.empty()) archive_entry_set_symlink(entry, member.symbolic_link.c_str());
    ensure(archive_write_header(out, entry));
    if (!member.bytes.empty()) archive_write_data(out, member.bytes.data(), member.bytes.size());
    archive_entry_free(entry);
  }
  ensure(archive_write_close(out));
  archive_write_free(out);
}

}  // namespace pleura::scan::test
