#include "phantom/write.hpp"

#include <fstream>

#include "phantom/dicom_writer.hpp"
#include "phantom/truth.hpp"
#include "scan/nifti.hpp"

namespace pleura::phantom {

namespace fs = std::filesystem;

namespace {

// Gone at the end of the scope, unless it was renamed before.
class Draft {
 public:
  explicit Draft(fs::path path) : path_(std::move(path)) { fs::remove_all(path_); }
  ~Draft() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

void check_folder(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder)) {
    throw Error(Status::usage, folder.string() + ": found a file, expected a folder or nothing");
  }
  if (!fs::is_empty(folder) && !fs::exists(folder / "truth.json")) {
    throw Error(Status::usage,
                folder.string() + ": not empty and no earlier phantom (no truth.json); choose another folder");
  }
}

void write_phantom(const Phantom& phantom, std::uint64_t seed, const Output& output) {
  const fs::path folder = fs::absolute(output.folder).lexically_normal();
  check_folder(folder);
  const fs::path target = folder.has_filename() ? folder : folder.parent_path();
  try {
    const Draft temporary(target.parent_path() / (target.filename().string() + ".part"));
    const fs::path& draft = temporary.path();
    fs::create_directories(draft);
    const Geometry& geometry = phantom.volume.geometry;
    if (output.format == Format::dicom) {
      fs::create_directory(draft / "ct");
      write_dicom(phantom, seed, draft / "ct");
    } else {
      scan::write_nifti(draft / "ct.nii.gz", geometry, std::span<const std::int16_t>(phantom.volume.hu));
    }
    if (output.masks) {
      scan::write_nifti(draft / "lungs.nii.gz", geometry, std::span<const std::uint8_t>(phantom.lungs));
      scan::write_nifti(draft / "lesions.nii.gz", geometry, std::span<const std::uint8_t>(phantom.lesions));
    }
    write_text(draft / "truth.json", truth_json(phantom, seed));
    fs::remove_all(target);
    fs::rename(draft, target);
  } catch (const fs::filesystem_error& error) {
    throw Error(Status::resources, target.string() + ": cannot be written: " + error.code().message());
  }
}

void write_text(const fs::path& file, const std::string& text) {
  const fs::path draft = file.string() + ".part";
  std::ofstream stream(draft, std::ios::binary);
  stream << text;
  stream.close();
  std::error_code error;
  if (stream) fs::rename(draft, file, error);
  if (!stream || error) throw Error(Status::resources, file.string() + ": cannot be written");
}

}  // namespace pleura::phantom
