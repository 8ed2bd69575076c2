#include "scan/contents.hpp"

#include "scan/archive.hpp"
#include "scan/foreign.hpp"
#include "scan/gzip.hpp"
#include "scan/listing.hpp"
#include "scan/sniff.hpp"

namespace pleura::scan {
namespace {

namespace fs = std::filesystem;

constexpr const char* nested = "an archive inside an archive, not read: unpack it";

void append(std::vector<RefusedFile>& to, std::vector<RefusedFile> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void add(const InputFile& file, Contents& contents);

/// Of an archive what is of a format read; all of it where a header may name other members.
void add_members(const fs::path& archive, Contents& contents) {
  std::vector<RefusedFile> refused, links;
  bool headers = false;
  const auto of_a_format = [&](const InputFile& head) {
    const Content content = sniff(head);
    headers = headers || content == Content::metaimage || content == Content::nrrd;
    if (content == Content::archive) refused.push_back({head.path(), nested});
    if (content == Content::other) refused.push_back({head.path(), why_foreign(head)});
    return content != Content::archive && content != Content::other;
  };
  auto members = read_archive(archive, of_a_format, links);
  if (headers) {
    refused.clear(), links.clear();
    members = read_archive(
        archive, [](const InputFile&) { return true; }, links);
  }
  append(contents.refused, std::move(links));
  append(contents.refused, std::move(refused));
  for (const auto& member : members) add(member, contents);
}

void sort(const InputFile& file, Contents& contents) {
  switch (sniff(file)) {
    case Content::dicom:
      return contents.dicom.push_back(file);
    case Content::dicomdir:
      return;  // the files that it lists are found themselves
    case Content::gzipped_dicom:
      return contents.dicom.push_back(decompressed(file));
    case Content::nifti:
      return contents.nifti.push_back(file);
    case Content::metaimage:
      return contents.metaimage.push_back(file);
    case Content::nrrd:
      return contents.nrrd.push_back(file);
    case Content::picture:
      return contents.pictures[file.path().parent_path()].push_back(file);
    case Content::archive:
      if (file.on_disk()) return add_members(file.path(), contents);
      return contents.refused.push_back({file.path(), nested});
    case Content::other:
      return contents.other.push_back(file);
  }
}

void add(const InputFile& file, Contents& contents) {
  try {
    sort(file, contents);
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

Contents contents_of(const fs::path& path) {
  Contents contents;
  contents.root = is_dicomdir(path) ? path.parent_path() : path;
  if (contents.root.empty()) contents.root = ".";
  auto listing = list_files(contents.root);
  contents.refused = std::move(listing.skipped);
  contents.unseen = std::move(listing.unseen);
  for (const auto& file : listing.files) add(file, contents);
  return contents;
}

}  // namespace pleura::scan
