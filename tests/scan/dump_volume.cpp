/// For tests/peers: what pleura reads, as raw little-endian int16 and JSON beside it.
///   dump_volume volume PATH OUT     the chosen CT, checked and turned; with OUT.json its geometry
///   dump_volume nifti|metaimage|nrrd FILE OUT   the same without judging whether the values are HU
///   dump_volume dicom FILE OUT      the stored values of the frames of one DICOM file, int32, whatever series it
///   belongs to
///   dump_volume report PATH         what scan_ct says
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "pleura/scan.hpp"
#include "scan/metaimage.hpp"
#include "scan/nifti.hpp"
#include "scan/nrrd.hpp"
#ifdef PLEURA_WITH_DICOM
#include "files/nifti.hpp"
#include "scan/dicom_header.hpp"
#include "scan/dicom_pixels.hpp"
#endif

namespace {

template <typename Value>
void write_raw(const std::string& file, const std::vector<Value>& values) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(Value)));
}

nlohmann::json to_json(const pleura::Geometry& geometry) {
  return {{"shape", geometry.shape},
          {"spacing", geometry.spacing},
          {"origin", geometry.origin},
          {"direction", geometry.direction}};
}

void dump(const pleura::Volume& volume, const std::string& out) {
  write_raw(out, volume.hu);
  std::ofstream(out + ".json") << to_json(volume.geometry);
}

#ifdef PLEURA_WITH_DICOM
void dump_dicom(const std::filesystem::path& file, const std::string& out) {
  const auto image = pleura::scan::read_dicom_header(file);
  if (!image) throw pleura::Error(pleura::Status::input_refused, file.string() + ": a directory");
  const auto frames = static_cast<std::int64_t>(image->frames.size());
  pleura::scan::DicomPixels pixels(file, frames);
  std::vector<std::int32_t> values;
  for (std::int64_t i = 0; i < frames; ++i) {
    const auto frame = pixels.frame(i);
    values.insert(values.end(), frame.begin(), frame.end());
  }
  write_raw(out, values);
  std::ofstream(out + ".json") << nlohmann::json{{"shape", {frames, image->rows, image->columns}}};
}
#endif

void report(const std::string& path) {
  const auto found = pleura::scan_ct(path);
  for (const auto& series : found.series) {
    std::cout << (series.chosen ? "* " : "  ") << series.format << " '" << series.description << "' " << series.uid
              << ", " << series.files << " files";
    if (series.geometry) std::cout << ", " << to_json(*series.geometry);
    std::cout << (series.refused.empty() ? "" : ", refused: ") << series.refused << (series.why.empty() ? "" : ", ")
              << series.why << "\n";
  }
  for (const auto& file : found.refused_files) std::cout << "  not read: " << file.path << ": " << file.why << "\n";
  for (const auto& warning : found.warnings) std::cout << "  warning: " << warning << "\n";
}

}  // namespace

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() == 2 && words[0] == "report") {
    report(words[1]);
  } else if (words.size() == 3 && words[0] == "volume") {
    dump(pleura::read_ct(words[1]), words[2]);
  } else if (words.size() == 3 && words[0] == "nifti") {
    dump(pleura::scan::read_nifti(std::filesystem::path(words[1])), words[2]);
  } else if (words.size() == 3 && words[0] == "rewrite") {
    const auto volume = pleura::scan::read_nifti(std::filesystem::path(words[1]));
    pleura::files::write_nifti(words[2], volume.geometry, volume.hu);
  } else if (words.size() == 3 && words[0] == "metaimage") {
    dump(pleura::scan::read_metaimage(std::filesystem::path(words[1])), words[2]);
  } else if (words.size() == 3 && words[0] == "nrrd") {
    dump(pleura::scan::read_nrrd(std::filesystem::path(words[1])), words[2]);
#ifdef PLEURA_WITH_DICOM
  } else if (words.size() == 3 && words[0] == "dicom") {
    dump_dicom(words[1], words[2]);
#endif
  } else {
    std::cerr << "dump_volume volume|nifti|metaimage|nrrd|dicom|rewrite FILE OUT, or report PATH\n";
    return 1;
  }
  return 0;
} catch (const pleura::Error& error) {
  std::cerr << error.what() << "\n";
  return static_cast<int>(error.status());
}
