#include "scan/sniff.hpp"

#include <array>
#include <cstring>
#include <string_view>

#include "scan/nifti.hpp"

namespace pleura::scan {
namespace {

/// The preamble's DICM, or a data set without preamble: it begins with a small element of group 2 or 8, little endian.
bool is_dicom(std::string_view head) {
  if (head.size() < 132) return false;
  if (head.substr(128, 4) == "DICM") return true;
  return (head[0] == 2 || head[0] == 8) && head[1] == 0 && head[2] >= 0 && head[2] <= 0x18 && head[3] == 0;
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
  const std::string_view head(buffer.data(), static_cast<std::size_t>(in->gcount()));
  if (is_dicom(head)) return Content::dicom;
  if (is_picture(head)) return Content::picture;
  if (is_metaimage(head)) return Content::metaimage;
  if (head.starts_with("NRRD000")) return Content::nrrd;
  return !head.empty() && is_nifti(file) ? Content::nifti : Content::other;
}

}  // namespace pleura::scan
