#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "files/draft.hpp"
#include "files/nifti.hpp"
#include "files/read.hpp"
#include "files/replace.hpp"
#include "pleura/report.hpp"
#include "report/names.hpp"
#include "report/pictures.hpp"

namespace pleura {
namespace {

namespace fs = std::filesystem;

/// Whether a name is one that write_result or write_refusal gives.
bool is_ours(const std::string& name) {
  for (const char* one : {"result.json", "refusal.json", "montage.png", "lungs.nii.gz", "regions.nii.gz"})
    if (name == one) return true;
  constexpr std::string_view first = "region_", last = ".png";
  if (!name.starts_with(first) || !name.ends_with(last) || name.size() <= first.size() + last.size()) return false;
  const std::string number = name.substr(first.size(), name.size() - first.size() - last.size());
  return std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool holds_our_result(const fs::path& file) {
  const std::optional<std::string> text = files::read_if_there(file);
  const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
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
  if (!empty && !holds_our_result(folder / "result.json") && !holds_our_result(folder / "refusal.json"))
    throw Error(Status::usage, folder.string() +
                                   ": found no result.json of pleura, expected a new folder, an empty "
                                   "one or one that holds an earlier result");
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

void write_masks(const Screening& screening, const fs::path& folder) {
  files::write_nifti(folder / "lungs.nii.gz", screening.volume.geometry, screening.lungs);
  files::write_nifti(folder / "regions.nii.gz", screening.volume.geometry, region_mask(screening));
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
  result.options.pictures = options.pictures;
  if (options.pictures)
    run_stage(result, "pictures", [&] { report::write_pictures(screening, folder, options.disclosure); });
  if (options.save_masks) run_stage(result, "masks", [&] { write_masks(screening, folder); });
  files::create_file(folder / "result.json", to_json(result, options.disclosure));
  return result;
}

/// Puts a folder that `fill` writes in the place of an earlier result.
template <class Fill>
void replace_result(const fs::path& folder, const Fill& fill) {
  files::writing(folder, [&] {
    const fs::path target = files::folder_meant(folder);
    require_replaceable(target);
    files::replace_folder(target, [&](const fs::path& draft) {
      fill(draft);
      require_replaceable(target);  // it may have changed meanwhile
    });
  });
}

}  // namespace

void discard_unfinished_output() noexcept { files::Draft::remove_all(); }

void check_result_folder(const fs::path& folder) {
  files::writing(folder, [&] {
    const fs::path target = files::folder_meant(folder);
    require_replaceable(target);
    files::require_writable(target);
  });
}

Result write_result(const Screening& screening, const fs::path& folder, const WriteOptions& options) {
  if (options.pictures) report::require_pictures();
  Result result;
  replace_result(folder, [&](const fs::path& draft) { result = fill_folder(screening, draft, options); });
  return result;
}

void write_refusal(const Error& error, const fs::path& ct, const fs::path& folder, Disclosure disclosure) {
  replace_result(folder, [&](const fs::path& draft) {
    files::create_file(draft / "refusal.json", to_json(error, ct, disclosure));
  });
}

}  // namespace pleura
