/// scan_ct and read_ct of the public API: what lies at a path, which of it is screened, its volume.
#include <algorithm>
#include <new>
#include <set>
#include <tuple>

#include "pleura/scan.hpp"
#include "scan/choose.hpp"
#include "scan/contents.hpp"
#include "scan/dicom_series.hpp"
#include "scan/dicom_stack.hpp"
#include "scan/foreign.hpp"
#include "scan/hounsfield.hpp"
#include "scan/image_stack.hpp"
#include "scan/metaimage.hpp"
#include "scan/nifti.hpp"
#include "scan/nrrd.hpp"
#include "scan/reckoning.hpp"
#include "scan/text.hpp"
#include "scan/voxels.hpp"

namespace pleura {
namespace scan {
namespace {

namespace fs = std::filesystem;

/// A path below the root as the user sees it: relative to it; of the root itself its name.
fs::path relative_to(const fs::path& root, const fs::path& path) {
  auto relative = path.lexically_relative(root);
  if (relative != ".") return relative;
  return root.has_filename() ? root.filename() : root.parent_path().filename();
}

/// A volume file as a source; `header` and `read` are its format's.
template <typename Header, typename Read>
Source volume_source(const InputFile& file, const char* format, Header&& header, Read read) {
  Source source;
  source.report.path = file.path();
  source.report.format = format;
  source.report.files = 1;
  try {
    auto [geometry, data_files, warnings] = header(file);
    source.warnings = std::move(warnings);
    if (geometry.shape[0] < fewest_slices)
      source.report.refused =
          counted(geometry.shape[0], "slice") + ", expected at least " + std::to_string(fewest_slices);
    else
      source.report.geometry = geometry;
    source.read = [file, read, shape = geometry.shape](const ReadOptions& options) {
      require_volume_memory(shape, reading_bytes(shape), options, file.path().string());
      return read(file);
    };
  } catch (const Error& error) {
    source.report.refused = without_file(error.what(), file.path());
  }
  return source;
}

/// Everything found at a path.
struct Found {
  std::vector<Source> sources;
  ScanReport report;
};

/// Slices may lie in what could not be looked into: a series of single files may then be only a part.
void refuse_parts(const Contents& contents, Source& source) {
  auto& report = source.report;
  if (contents.unseen.empty() || (report.format != "DICOM" && report.format != "image stack")) return;
  const auto& [path, why] = contents.unseen.front();
  const auto more = static_cast<long long>(contents.unseen.size()) - 1;
  report.refused += (report.refused.empty() ? "" : "; ") + std::string("slices may be missing: ") +
                    relative_to(contents.root, path).string() + ": " + why +
                    (more > 0 ? " and " + std::to_string(more) + " more likewise" : "");
  report.geometry.reset();
}

Found find(const fs::path& path, const ReadOptions& options) {
  Found found;
  auto contents = contents_of(path, options.memory_bytes);
  for (auto& file : contents.unseen) file.why = without_file(file.why, file.path);
  auto& refused = found.report.refused_files;
  refused = contents.unseen;
  refused.insert(refused.end(), contents.refused.begin(), contents.refused.end());
  found.sources = dicom_sources(contents.dicom, options, refused);
  std::set<fs::path> voxel_files;
  const auto add = [&](const std::vector<InputFile>& files, const char* format, auto header, auto read) {
    const auto noting_files = [&](const InputFile& file) {
      auto volume = header(file);
      for (const auto& data : volume.data_files) voxel_files.insert(data.path());
      return volume;
    };
    for (const auto& file : files) found.sources.push_back(volume_source(file, format, noting_files, read));
  };
  add(contents.nifti, "NIfTI", read_nifti_header, read_nifti);
  add(contents.metaimage, "MetaImage", read_metaimage_header, read_metaimage);
  add(contents.nrrd, "NRRD", read_nrrd_header, read_nrrd);
  for (const auto& [folder, pictures] : contents.pictures) {
    if (found.sources.empty() || found.sources.back().report.format == "image stack") {
      found.sources.push_back(image_stack(folder, pictures, options));
    } else {
      for (const auto& file : pictures) refused.push_back({file.path(), "a picture beside a CT, not read"});
    }
  }
  for (const auto& file : contents.other)
    if (!voxel_files.contains(file.path())) refused.push_back({file.path(), why_foreign(file)});
  for (auto& file : refused) file.why = without_file(file.why, file.path);
  for (auto& source : found.sources) {
    refuse_parts(contents, source);
    source.report.path = relative_to(contents.root, source.report.path);
    if (source.report.format != "DICOM") source.report.uid = source.report.path.string();
  }
  return found;
}

/// What to call a source in one line.
std::string title(const Source& source) {
  const auto& report = source.report;
  return report.format + " '" + (report.description.empty() ? report.uid : report.description) + "' (" +
         counted(report.files, "file") + ")" + (report.format == "DICOM" ? " in " + report.path.string() : "");
}

/// Sources in the order in which a user would miss them: usable ones, CTs, then by their number of files.
std::vector<const Source*> likeliest_first(const std::vector<Source>& sources) {
  std::vector<const Source*> ranked;
  ranked.reserve(sources.size());
  for (const auto& source : sources) ranked.push_back(&source);
  const auto rank = [](const Source* source) {
    const auto& report = source->report;
    return std::tuple(!report.refused.empty(), report.format == "DICOM" && report.modality != "CT", -report.files);
  };
  std::stable_sort(ranked.begin(), ranked.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return ranked;
}

/// Why nothing at a path can be screened, in one line.
std::string nothing_usable(const fs::path& path, const Found& found) {
  const auto& refused = found.report.refused_files;
  std::string text = path.string() + ": ";
  const auto unread = refused.empty()
                          ? ""
                          : "; " + counted(static_cast<long long>(refused.size()), "file") + " not read, the first " +
                                refused.front().path.filename().string() + ": " + refused.front().why;
  if (found.sources.empty() && refused.size() == 1 && refused.front().path == path) return text + refused.front().why;
  if (found.sources.empty()) return text + (refused.empty() ? "an empty folder, expected a CT" : "no CT" + unread);
  if (found.sources.size() == 1) return text + found.sources[0].report.refused + unread;
  const bool ambiguous =
      std::any_of(found.sources.begin(), found.sources.end(), [](const Source& s) { return s.report.refused.empty(); });
  text += ambiguous ? "CTs of several patients or visits, expected one: give its path or --series"
                    : "none of its " + std::to_string(found.sources.size()) + " series can be screened";
  constexpr std::size_t most_named = 3;
  const auto ranked = likeliest_first(found.sources);
  for (std::size_t i = 0; i < std::min(most_named, ranked.size()); ++i)
    text += (i == 0 ? ": " : "; ") + title(*ranked[i]) +
            (ranked[i]->report.refused.empty() ? "" : ": " + ranked[i]->report.refused);
  if (ranked.size() > most_named)
    text += "; and " + std::to_string(ranked.size() - most_named) + " more (pleura scan lists them all)";
  return text + unread;
}

/// Reads the chosen source and checks its values; a refusal goes into its report as well.
Volume read_chosen(const fs::path& path, Source& source, const ReadOptions& options) {
  if (!source.report.refused.empty()) throw Error(Status::input_refused, path.string() + ": " + source.report.refused);
  try {
    Volume volume = source.read(options);
    require_hounsfield(volume, path.string());
    if (!volume.provenance) volume.provenance = Provenance{};
    volume.provenance->path = path;
    volume.provenance->format = source.report.format;
    if (volume.provenance->files == 0) volume.provenance->files = source.report.files;
    return volume;
  } catch (const Error& error) {
    source.report.refused = without_file(error.what(), path);
    source.report.geometry.reset();
    throw;
  }
}

ScanReport report_of(Found& found) {
  for (auto& source : found.sources) {
    if (source.report.chosen)
      found.report.warnings.insert(found.report.warnings.end(), source.warnings.begin(), source.warnings.end());
    found.report.series.push_back(source.report);
  }
  return found.report;
}

/// Runs what reads a path; files that vanish under it and memory that runs out become errors of ours.
template <typename Read>
auto guarded(const fs::path& path, Read&& read) {
  try {
    return read();
  } catch (const fs::filesystem_error& error) {
    throw Error(Status::input_refused, path.string() + ": " + error.what());
  } catch (const std::bad_alloc&) {
    throw Error(Status::resources, path.string() + ": too little memory to read it");
  }
}

Volume read(const fs::path& path, const ReadOptions& options, ScanReport* report) {
  auto found = find(path, options);
  const auto chosen = choose(found.sources, options.series_uid);
  if (!chosen) {
    const std::string why = nothing_usable(path, found);
    if (report != nullptr) *report = report_of(found);
    throw Error(Status::input_refused, why);
  }
  try {
    Volume volume = read_chosen(path, found.sources[*chosen], options);
    if (report != nullptr) *report = report_of(found);
    return volume;
  } catch (const Error&) {
    if (report != nullptr) *report = report_of(found);
    throw;
  }
}

ScanReport look(const fs::path& path, const ReadOptions& options) {
  auto found = find(path, options);
  if (found.sources.empty()) throw Error(Status::input_refused, nothing_usable(path, found));
  if (const auto chosen = choose(found.sources, options.series_uid)) {
    try {
      (void)read_chosen(path, found.sources[*chosen], options);
    } catch (const Error& error) {
      if (error.status() != Status::input_refused) throw;  // a refusal is in the report
    }
  }
  return report_of(found);
}

}  // namespace
}  // namespace scan

Volume read_ct(const std::filesystem::path& path, const ReadOptions& options, ScanReport* report) {
  return scan::guarded(path, [&] { return scan::read(path, options, report); });
}

ScanReport scan_ct(const std::filesystem::path& path, const ReadOptions& options) {
  return scan::guarded(path, [&] { return scan::look(path, options); });
}

}  // namespace pleura
