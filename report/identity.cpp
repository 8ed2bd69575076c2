#include "report/identity.hpp"

#include "scan/text.hpp"

namespace pleura::report {
namespace {

/// The last two names of a path: "patient1/ct".
std::string short_path(const std::filesystem::path& path) {
  const std::filesystem::path whole = path.has_filename() ? path : path.parent_path();
  return whole.parent_path().has_filename() ? (whole.parent_path().filename() / whole.filename()).string()
                                            : whole.filename().string();
}

}  // namespace

std::string identity_line(const Result& result, Disclosure disclosure) {
  const Provenance& source = result.input.provenance;
  std::string line;
  const auto add = [&](const std::string& name, const std::string& value) {
    const std::string text = scan::printable(value);
    if (!text.empty()) line += (line.empty() ? "" : ", ") + name + text;
  };
  if (disclosure == Disclosure::identified) {
    add("", source.patient_name);
    add("patient ", source.patient_id);
    add("accession ", source.accession_number);
  }
  if (disclosure != Disclosure::anonymous) {
    add("", short_path(source.path));
    add("study of ", source.study_date);
  }
  add("voxels ", result.input.voxels_sha256.substr(0, 12));
  if (disclosure != Disclosure::anonymous) add("series ", source.series_uid);
  return line;
}

}  // namespace pleura::report
