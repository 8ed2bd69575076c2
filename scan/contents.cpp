#include "scan/contents.hpp"

#include <algorithm>

#include "runtime/memory.hpp"
#include "scan/archive.hpp"
#include "scan/foreign.hpp"
#include "scan/gzip.hpp"
#include "scan/listing.hpp"
#include "scan/sniff.hpp"

namespace pleura::scan {
namespace {

namespace fs = std::filesystem;

constexpr const char* nested = "an archive inside an archive, not read: unpack it";

/// What may be unpacked beside all that is unpacked already.
std::int64_t room(std::uint64_t memory_bytes) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(memory_left(memory_bytes), std::int64_t{1} << 62));
}

void append(std::vector<RefusedFile>& to, std::vector<RefusedFile> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void add(const InputFile& file, std::uint64_t memory_bytes, Contents& contents);

/// Of an archive what is of a format read; all of it where a header may name other members.
void add_members(const fs::path& archive, std::uint64_t memory_bytes, Contents& contents) {
  std::vector<RefusedFile> refused, links;
  bool headers = false;
  const auto of_a_format = [&](const InputFile& head) {
    const Content content = sniff(head);
    headers = headers || content == Content::metaimage || content == Content::nrrd;
    if (content == Content::archive) refused.push_back({head.path(), nested});
    if (content == Content::other) refused.push_back({head.path(), why_foreign(head)});
    return content != Content::archive && content != Content::other;
  };
  const std::int64_t memory = room(memory_bytes);
  auto members = read_archive(archive, of_a_format, memory, links);
  if (headers) {
    refused.clear(), links.clear(), members.clear();
    members = read_archive(
        archive, [](const InputFile&) { return true; }, memory, links);
  }
  append(contents.refused, std::move(links));
  append(contents.refused, std::move(refused));
  for (const auto& member : members) add(member, memory_bytes, contents);
}

void sort(const InputFile& file, std::uint64_t memory_bytes, Contents& contents) {
  switch (sniff(file)) {
    case Content::dicom:
      return contents.dicom.push_back(file);
    case Content::dicomdir:
      return;  // the files that it lists are found themselves
    case Content::gzipped_dicom:
      return contents.dicom.push_back(decompressed(file, room(memory_bytes)));
    case Content::nifti:
      return contents.nifti.push_back(file);
    case Content::metaimage:
      return contents.metaimage.push_back(file);
    case Content::nrrd:
      return contents.nrrd.push_back(file);
    case Content::picture:
      return contents.pictures[file.path().parent_path()].push_back(file);
    case Content::archive:
      if (file.on_disk()) return add_members(file.path(), memory_bytes, contents);
      return contents.refused.push_back({file.path(), nested});
    case Content::other:
      return contents.other.push_back(file);
  }
}

void add(const InputFile& file, std::uint64_t memory_bytes, Contents& contents) {
  try {
    sort(file, memory_bytes, contents);
  } catch (const Error& error) {
    if (error.status() != Status::input_refused) throw;
    contents.unseen.push_back({file.path(), error.what()});
  }
}

bool is_dicomdir(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && sniff(path) == Content::dicomdir;
}

}  // namespace

Contents contents_of(const fs::path& path, std::uint64_t memory_bytes) {
  Contents contents;
  contents.root = is_dicomdir(path) ? path.parent_path() : path;
  if (contents.root.empty()) contents.root = ".";
  auto listing = list_files(contents.root);
  contents.refused = std::move(listing.skipped);
  contents.unseen = std::move(listing.unseen);
  for (const auto& file : listing.files) add(file, memory_bytes, contents);
  return contents;
}

}  // namespace pleura::scan
