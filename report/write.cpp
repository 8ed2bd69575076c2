#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pleura/pleura.hpp"
#include "report/identity.hpp"
#include "report/names.hpp"
#include "report/pages.hpp"
#include "runtime/parallel.hpp"
#include "scan/nifti.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;

/// Whether a name is one that write_result gives.
bool is_ours(const std::string& name) {
  if (name == "result.json" || name == "montage.png" || name == "lungs.nii.gz" || name == "regions.nii.gz") return true;
  constexpr std::string_view first = "region_", last = ".png";
  if (!name.starts_with(first) || !name.ends_with(last) || name.size() <= first.size() + last.size()) return false;
  const std::string number = name.substr(first.size(), name.size() - first.size() - last.size());
  return std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool holds_our_result(const fs::path& file) {
  std::ifstream in(file);
  const auto json = nlohmann::json::parse(in, nullptr, false);
  return json.is_object() && json.contains("schema_version") && json.value("notice", "") == report::kNotice;
}

/// Refuses a folder that holds anything but an earlier result: it would be lost.
void require_replaceable(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder))
    throw Error(Status::usage, folder.string() + ": found a file, expected a folder for the result");
  bool empty = true;
  for (const auto& entry : fs::directory_iterator(folder)) {
    empty = false;
    if (!entry.is_regular_file() || !is_ours(entry.path().filename().string()))
      throw Error(Status::usage, folder.string() + ": found '" + entry.path().filename().string() +
                                     "', expected a new folder, an empty one or one that holds an earlier result");
  }
  if (!empty && !holds_our_result(folder / "result.json"))
    throw Error(Status::usage, folder.string() +
                                   ": found no result.json of pleura, expected a new folder, an empty "
                                   "one or one that holds an earlier result");
}

fs::path target_of(const fs::path& folder) {
  const fs::path target = fs::weakly_canonical(fs::absolute(folder));
  return target.has_filename() ? target : target.parent_path();
}

void write_bytes(const fs::path& file, const char* data, std::size_t size) {
  std::ofstream out(file, std::ios::binary);
  out.write(data, static_cast<std::streamsize>(size));
  out.close();
  if (!out)
    throw Error(Status::resources,
                file.string() + ": " + std::to_string(size) + " bytes cannot be written; is the disk full?");
}

void write_picture(const fs::path& file, const report::Picture& picture) {
  const std::vector<std::uint8_t> png = picture.png();
  write_bytes(file, reinterpret_cast<const char*>(png.data()), png.size());
}

/// The regions' boxes as voxels: the number of the region in result.json, from 1; the first wins where boxes overlap.
std::vector<std::int16_t> region_mask(const Screening& screening) {
  const Index3& shape = screening.volume.geometry.shape;
  std::vector<std::int16_t> mask(screening.volume.hu.size(), 0);
  const std::vector<Region>& regions = screening.result.regions;
  for (std::size_t i = regions.size(); i-- > 0;) {
    VoxelBox box = regions[i].box_voxels;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box.low[axis] = std::clamp<std::int64_t>(box.low[axis], 0, shape[axis]);
      box.high[axis] = std::clamp<std::int64_t>(box.high[axis], box.low[axis], shape[axis]);
    }
    for (std::int64_t z = box.low[0]; z < box.high[0]; ++z)
      for (std::int64_t y = box.low[1]; y < box.high[1]; ++y)
        std::fill_n(mask.begin() + ((z * shape[1] + y) * shape[2] + box.low[2]), box.high[2] - box.low[2],
                    static_cast<std::int16_t>(i + 1));
  }
  return mask;
}

void write_pictures(const Screening& screening, const fs::path& folder, Disclosure disclosure) {
  const std::string identity = report::identity_line(screening.result, disclosure);
  const auto regions = static_cast<std::int64_t>(screening.result.regions.size());
  parallel_for(regions + 1, resolve_threads(0), [&](std::int64_t i) {
    if (i == 0) return write_picture(folder / "montage.png", report::montage_page(screening, identity));
    const auto region = static_cast<std::size_t>(i - 1);
    write_picture(folder / report::picture_name(region), report::region_page(screening, region, identity));
  });
}

void write_masks(const Screening& screening, const fs::path& folder) {
  scan::write_nifti(folder / "lungs.nii.gz", screening.volume.geometry, screening.lungs);
  scan::write_nifti(folder / "regions.nii.gz", screening.volume.geometry, region_mask(screening));
}

/// Runs a stage and adds its seconds to the result.
template <class Work>
void run_stage(Result& result, const char* name, Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.stages.push_back({name, seconds});
  result.run.seconds_total += seconds;
}

/// result.json comes last, with the times of all else.
Result fill_folder(const Screening& screening, const fs::path& folder, const WriteOptions& options) {
  Result result = screening.result;
  result.options.save_masks = options.save_masks;
  run_stage(result, "pictures", [&] { write_pictures(screening, folder, options.disclosure); });
  if (options.save_masks) run_stage(result, "masks", [&] { write_masks(screening, folder); });
  const std::string json = to_json(result, options.disclosure);
  write_bytes(folder / "result.json", json.data(), json.size());
  return result;
}

/// A folder that is removed unless it is kept.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) { fs::create_directories(path_); }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Puts a finished folder in the place of another, which may hold an earlier result.
void replace_folder(const fs::path& finished, const fs::path& folder, const fs::path& aside) {
  const bool replaces = fs::exists(folder);
  if (replaces) fs::rename(folder, aside);
  try {
    fs::rename(finished, folder);
  } catch (...) {
    if (replaces) fs::rename(aside, folder);
    throw;
  }
  if (replaces) fs::remove_all(aside);
}

/// Makes and removes a folder in the nearest parent of `target` that exists: asking for permissions alone misses disks
/// that are read-only or full.
void require_writable(const fs::path& target) {
  fs::path parent = target.parent_path();
  while (!fs::exists(parent)) parent = parent.parent_path();
  const fs::path trial = parent / (".pleura" + std::to_string(::getpid()));
  fs::create_directory(trial);
  fs::remove(trial);
}

/// Runs work on a folder; what the file system refuses becomes an error of ours.
template <class Work>
auto guarded(const fs::path& folder, Work&& work) {
  try {
    return work(target_of(folder));
  } catch (const fs::filesystem_error& error) {
    throw Error(Status::resources, folder.string() + ": cannot be written: " + error.code().message());
  }
}

}  // namespace

void check_result_folder(const fs::path& folder) {
  guarded(folder, [](const fs::path& target) {
    require_replaceable(target);
    require_writable(target);
  });
}

Result write_result(const Screening& screening, const fs::path& folder, const WriteOptions& options) {
  return guarded(folder, [&](const fs::path& target) {
    require_replaceable(target);
    const fs::path beside = target.string() + ".pleura" + std::to_string(::getpid());
    const TemporaryFolder temporary(beside);
    Result result = fill_folder(screening, temporary.path(), options);
    replace_folder(temporary.path(), target, beside.string() + "-earlier");
    return result;
  });
}

}  // namespace pleura
