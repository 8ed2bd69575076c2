#include "scan/sniff.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "files/read.hpp"
#include "pleura/error.hpp"
#include "scan/gzip.hpp"
#include "scan/nifti.hpp"

namespace pleura::scan {
namespace {

using namespace std::string_view_literals;

/// The preamble's DICM, or a data set without preamble: it begins with a small element of group 2 or 8, little endian.
bool is_dicom(std::string_view head) {
  if (head.size() < 132) return false;
  if (head.substr(128, 4) == "DICM") return true;
  return (head[0] == 2 || head[0] == 8) && head[1] == 0 && head[2] >= 0 && head[2] <= 0x18 && head[3] == 0;
}

/// Whether a DICOM file's head says MediaStorageSOPClassUID = Media Storage Directory.
bool is_dicomdir(std::string_view head) {
  return head.find("\x02\0\x02\0UI\x14\0\x31.2.840.10008.1.3.10"sv) != std::string_view::npos;
}

/// The header of a member begins every tar; the sum of its 512 bytes stands in it, in octal digits.
bool is_tar(std::string_view head) {
  constexpr std::size_t block = 512, sum_at = 148, sum_bytes = 8;
  if (head.size() < block || head[0] == 0) return false;
  unsigned long said = 0, sum = ' ' * sum_bytes;
  for (const char c : head.substr(sum_at, sum_bytes))
    if (c >= '0' && c <= '7') said = 8 * said + static_cast<unsigned long>(c - '0');
  for (std::size_t i = 0; i < block; ++i)
    if (i < sum_at || i >= sum_at + sum_bytes) sum += static_cast<unsigned char>(head[i]);
  return said == sum;
}

bool is_archive(std::string_view head) {
  constexpr std::string_view magics[] = {"PK\x03\x04"sv, "PK\x05\x06"sv, "\xFD\x37zXZ\0"sv, "\x28\xB5\x2F\xFD"sv};
  const bool bzip2 = head.size() > 10 && head.starts_with("BZh") && head.substr(4).starts_with("1AY&SY");
  return bzip2 || is_tar(head) || std::any_of(std::begin(magics), std::end(magics), [&](std::string_view magic) {
           return head.starts_with(magic);
         });
}

bool is_picture(std::string_view head) {
  return head.starts_with("\x89PNG") || head.starts_with("\xFF\xD8\xFF") || head.starts_with("BM");
}

bool is_metaimage(std::string_view head) {
  return head.starts_with("ObjectType") ||
         (head.starts_with("NDims") && head.find("DimSize") != std::string_view::npos);
}

}  // namespace

Content sniff(const InputFile& file) {
  std::array<char, 1024> buffer{};
  const auto in = file.open();
  in->read(buffer.data(), buffer.size());
  if (in->bad()) throw files::unreadable(file.path(), errno, Status::input_refused);
  std::string_view head(buffer.data(), static_cast<std::size_t>(in->gcount()));
  const bool gzipped = head.starts_with("\x1F\x8B");
  if (gzipped) head = {buffer.data(), open_gzip(file).read(std::as_writable_bytes(std::span(buffer)))};
  if (is_dicom(head)) return gzipped ? Content::gzipped_dicom : is_dicomdir(head) ? Content::dicomdir : Content::dicom;
  if (is_archive(head)) return Content::archive;
  if (gzipped) return is_nifti(file) ? Content::nifti : Content::other;
  if (is_picture(head)) return Content::picture;
  if (is_metaimage(head)) return Content::metaimage;
  if (head.starts_with("NRRD000")) return Content::nrrd;
  return !head.empty() && is_nifti(file) ? Content::nifti : Content::other;
}

}  // namespace pleura::scan
