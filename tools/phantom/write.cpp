#include "phantom/write.hpp"

#include "files/nifti.hpp"
#include "files/replace.hpp"
#include "phantom/dicom_writer.hpp"
#include "phantom/truth.hpp"

namespace pleura::phantom {

namespace fs = std::filesystem;

void check_folder(const fs::path& folder) {
  files::writing(folder, [&] {
    if (!fs::exists(folder)) return;
    if (!fs::is_directory(folder)) {
      throw Error(Status::usage, folder.string() + ": found a file, expected a folder or nothing");
    }
    if (!fs::is_empty(folder) && !fs::exists(folder / "truth.json")) {
      throw Error(Status::usage,
                  folder.string() + ": not empty and no earlier phantom (no truth.json); choose another folder");
    }
  });
}

void write_phantom(const Phantom& phantom, std::uint64_t seed, const Output& output) {
  const fs::path folder = files::folder_meant(output.folder);
  check_folder(folder);
  files::replace_folder(folder, [&](const fs::path& draft) {
    const Geometry& geometry = phantom.volume.geometry;
    if (output.format == Format::dicom) {
      fs::create_directory(draft / "ct");
      write_dicom(phantom, seed, draft / "ct");
    } else {
      files::write_nifti(draft / "ct.nii.gz", geometry, std::span<const std::int16_t>(phantom.volume.hu));
    }
    if (output.masks) {
      files::write_nifti(draft / "lungs.nii.gz", geometry, std::span<const std::uint8_t>(phantom.lungs));
      files::write_nifti(draft / "lesions.nii.gz", geometry, std::span<const std::uint8_t>(phantom.lesions));
    }
    files::create_file(draft / "truth.json", truth_json(phantom, seed));
    check_folder(folder);  // it may have changed meanwhile
  });
}

}  // namespace pleura::phantom
