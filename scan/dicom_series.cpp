#include "scan/dicom_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "runtime/huge_pages.hpp"
#include "runtime/memory.hpp"
#include "runtime/parallel.hpp"
#include "scan/dicom_copies.hpp"
#include "scan/dicom_file.hpp"
#include "scan/dicom_header.hpp"
#include "scan/dicom_parts.hpp"
#include "scan/dicom_pixels.hpp"
#include "scan/hounsfield.hpp"
#include "scan/kernel.hpp"
#include "scan/reckoning.hpp"
#include "scan/text.hpp"

namespace pleura::scan {
namespace {

using Images = std::vector<DicomImage>;

bool contains_any(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string::npos; });
}

/// 1: a text names the chest, -1: another region, 0: none.
int chest_in(const std::string& text) {
  const std::string words = lower(text);
  const bool spine = contains_any(words, {"spine", "spinal", "vertebra"});
  if (!spine && contains_any(words, {"chest", "thor", "torax", "lung", "pulmon"})) return 1;
  return spine || contains_any(words, {"head",  "brain", "skull",  "neck",  "sinus",    "orbit", "abd",
                                       "pelvi", "liver", "kidney", "renal", "colon",    "knee",  "foot",
                                       "ankle", "hand",  "wrist",  "elbow", "shoulder", "extrem"})
             ? -1
             : 0;
}

Preference preference_of(const DicomImage& image, const std::optional<Geometry>& geometry) {
  Preference preference{.lung_kernel = is_lung_kernel(image.origin.kernel),
                        .series_number = static_cast<long>(image.series_number)};
  for (const auto* text :
       {&image.origin.series_description, &image.body_part, &image.protocol, &image.study_description})
    if (preference.chest == 0) preference.chest = chest_in(*text);
  const auto is_derived = [](const std::string& value) { return value == "DERIVED" || value == "SECONDARY"; };
  preference.original = std::none_of(image.image_type.begin(), image.image_type.end(), is_derived) &&
                        !contains_any(lower(image.origin.series_description), {"mip", "minip", "average"});
  if (geometry) {
    preference.slice_mm = geometry->spacing[0];
    preference.extent_mm = geometry->spacing[0] * static_cast<double>(geometry->shape[0]);
  }
  return preference;
}

/// Rescaled, padding and all, into the place of slice `k` in the volume.
void to_slice(const std::vector<std::int32_t>& stored, const PixelFormat& format, const DicomFrame& frame,
              const Placement& place, std::int64_t k, std::vector<std::int16_t>& volume) {
  // A padding value inside the range of tissue would blot out the patient: such a one is a mistake of the file.
  auto padding = format.padding;
  if (padding && !format.lut) {
    const double low = padding->first * frame.slope + frame.intercept,
                 high = padding->second * frame.slope + frame.intercept;
    const auto is_tissue = [](double hu) { return hu > -900 && hu < 3071; };
    if (is_tissue(low) || is_tissue(high)) padding.reset();
  }
  const std::int32_t* value = stored.data();
  for (std::int64_t j = 0; j < format.rows; ++j) {
    std::int16_t* row = volume.data() + place.at(k, j);
    for (std::int64_t i = 0; i < format.columns; ++i, ++value) {
      const bool padded = padding && *value >= padding->first && *value <= padding->second;
      const double hu = format.lut ? (*format.lut)(*value) : *value * frame.slope + frame.intercept;
      row[i * place.step[2]] = padded ? padding_hu : to_hounsfield(hu);
    }
  }
}

/// Part of a series that one thread decodes: slices of one file, for each its frame and its place in the volume.
struct Task {
  std::size_t image = 0;
  std::vector<std::pair<std::size_t, std::size_t>> frames;
};

std::vector<Task> tasks_of(const Images& images, const std::vector<Slice>& slices, int threads) {
  std::vector<Task> by_image(images.size());
  for (std::size_t place = 0; place < slices.size(); ++place) {
    by_image[slices[place].image].image = slices[place].image;
    by_image[slices[place].image].frames.emplace_back(slices[place].frame, place);
  }
  std::vector<Task> tasks;
  for (auto& task : by_image) {
    std::sort(task.frames.begin(), task.frames.end());
    const std::size_t share = (task.frames.size() + threads - 1) / threads;
    for (std::size_t begin = 0; begin < task.frames.size(); begin += share) {
      const auto from = task.frames.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto to = task.frames.begin() + static_cast<std::ptrdiff_t>(std::min(begin + share, task.frames.size()));
      tasks.push_back({task.image, {from, to}});
    }
  }
  return tasks;
}

/// Where a series comes from: what its first image says, and each slice of the volume from below.
Provenance provenance_of(const Images& images, const Stack& stack, const Orientation& orientation) {
  Provenance provenance = images.front().origin;
  provenance.files = static_cast<std::int64_t>(images.size());
  provenance.file_axis = orientation.axis;
  provenance.file_flip = orientation.flip;
  for (const Slice& slice : stack.slices) {
    const DicomImage& image = images[slice.image];
    const bool multi_frame = image.frames.size() > 1;
    provenance.slices.push_back({.sop_instance_uid = image.sop_instance_uid,
                                 .sop_class_uid = image.sop_class_uid,
                                 .frame = multi_frame ? static_cast<std::int64_t>(slice.frame) + 1 : 0,
                                 .instance_number = image.instance_number});
  }
  if (orientation.flip[0]) std::reverse(provenance.slices.begin(), provenance.slices.end());
  return provenance;
}

/// The file of a series, or the folder that holds all its files.
std::filesystem::path place_of(const Images& images) {
  auto place = images.front().file.path();
  for (const DicomImage& image : images) {
    const auto& path = image.file.path();
    const auto end = std::mismatch(place.begin(), place.end(), path.begin(), path.end()).first;
    place = std::accumulate(place.begin(), end, std::filesystem::path(), std::divides<>());
  }
  return place;
}

/// What decoding takes beside the volume: for each thread a frame as it lies in the file, its words and its values, and
/// all that DCMTK holds of a file at a time.
std::int64_t decoding_bytes(const Images& images, std::int64_t slice_voxels, int threads) {
  constexpr std::int64_t voxel_bytes = 16;
  std::int64_t held = 0;
  for (const DicomImage& image : images) held = std::max(held, image.held_bytes);
  return std::min<std::int64_t>(threads, static_cast<std::int64_t>(images.size())) * held +
         threads * voxel_bytes * slice_voxels;
}

Volume read_series(const Images& images, const Stack& stack, const Orientation& orientation,
                   const ReadOptions& options) {
  const std::int64_t slice_voxels = stack.grid.shape[1] * stack.grid.shape[2];
  const int threads = resolve_threads(options.threads);
  require_volume_memory(stack.grid.shape, decoding_bytes(images, slice_voxels, threads), options,
                        place_of(images).string());
  // Compressed frames of unusual size must prove it before the volume takes memory for all of them.
  constexpr std::int64_t usual_voxels = 1 << 20;
  const Slice& first = stack.slices.front();
  const auto frames_of = [](const DicomImage& image) { return static_cast<std::int64_t>(image.frames.size()); };
  if (slice_voxels > usual_voxels)
    (void)DicomPixels(images[first.image].file, frames_of(images[first.image]))
        .frame(static_cast<std::int64_t>(first.frame));
  const auto voxels = static_cast<std::size_t>(orientation.geometry.voxels());
  auto hu = runtime::room_in_huge_pages<std::int16_t>(voxels);
  hu.resize(voxels);
  const Placement place = placement_of(orientation);
  const auto tasks = tasks_of(images, stack.slices, threads);
  parallel_for(static_cast<std::int64_t>(tasks.size()), threads, [&](std::int64_t t) {
    const Task& task = tasks[t];
    const DicomImage& image = images[task.image];
    DicomPixels pixels(image.file, frames_of(image));
    for (const auto& [frame, k] : task.frames)
      to_slice(pixels.frame(static_cast<std::int64_t>(frame)), pixels.format(), image.frames[frame], place,
               static_cast<std::int64_t>(k), hu);
  });
  return {orientation.geometry, std::move(hu), provenance_of(images, stack, orientation)};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

/// The warnings of a series' images, each once, with the number of images that it holds for.
std::vector<std::string> warnings_of(const Images& images) {
  std::map<std::string, std::pair<const DicomImage*, long long>> found;
  for (const auto& image : images)
    for (const auto& warning : image.warnings) {
      auto& [first, count] = found.try_emplace(warning, &image, 0).first->second;
      ++count;
    }
  std::vector<std::string> warnings;
  for (const auto& [warning, where] : found)
    warnings.push_back(where.first->name +
                       (where.second > 1 ? " and " + std::to_string(where.second - 1) + " more" : "") + ": " + warning);
  return warnings;
}

Source source_of(Part part) {
  Source source;
  const DicomImage& first = part.images.front();
  source.study = first.origin.study_uid;
  source.report.uid = first.origin.series_uid;
  source.report.path = place_of(part.images);
  source.report.description = first.origin.series_description;
  source.report.kernel = first.origin.kernel;
  source.report.modality = first.modality;
  source.report.format = "DICOM";
  source.report.files = static_cast<std::int64_t>(part.images.size());
  source.warnings = part.stack.warnings;
  source.report.refused = joined(part.stack.faults);
  if (source.report.refused.empty()) {
    try {
      const Orientation orientation = orient(part.stack.grid, first.file.path().parent_path().string());
      require_few_voxels(part.stack.grid.shape, first.file.path().parent_path().string());
      source.report.geometry = orientation.geometry;
      const auto is_lossy = [](const DicomImage& image) { return image.lossy; };
      if (std::any_of(part.images.begin(), part.images.end(), is_lossy))
        source.warnings.push_back("the slices were compressed with loss (" + first.transfer_syntax + ")");
      for (auto& warning : warnings_of(part.images)) source.warnings.push_back(std::move(warning));
      source.preference = preference_of(first, source.report.geometry);
      const auto shared = std::make_shared<const Part>(std::move(part));
      source.read = [shared, orientation](const ReadOptions& options) {
        return read_series(shared->images, shared->stack, orientation, options);
      };
    } catch (const Error& error) {
      source.report.refused = error.what();
    }
  }
  return source;
}

/// What keeps images of one series apart from the start: scouts are often filed under the series that they plan, and
/// so are pictures of screens and reports.
using Kind = std::tuple<std::string, std::string, std::string, std::string, bool, bool>;

Kind kind_of(const DicomImage& image) {
  const bool is_localizer =
      std::find(image.image_type.begin(), image.image_type.end(), "LOCALIZER") != image.image_type.end();
  return {image.origin.series_uid, image.origin.study_uid, image.modality,
          image.sop_class_uid,     is_localizer,           image.photometric.starts_with("MONOCHROME")};
}

/// The sources that images of one series and kind make.
std::vector<Source> sources_of(Images images, int threads) {
  const auto common = images.size() == 1 ? images.front().file.path().parent_path() : place_of(images);
  for (auto& image : images) image.name = printable(image.file.path().lexically_relative(common).string());
  const auto warnings = take_out_copies(images, threads);
  auto parts = parts_of(std::move(images));
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : "; ") + part.what;
  const auto count = parts.size();
  std::vector<Source> sources;
  for (auto& part : parts) {
    const std::string what = part.what;
    Source source = source_of(std::move(part));
    source.warnings.insert(source.warnings.begin(), warnings.begin(), warnings.end());
    if (count > 1) {
      source.report.uid += "#" + std::to_string(sources.size() + 1);
      source.report.description += (source.report.description.empty() ? "" : ", ") + what;
      source.warnings.push_back("its series holds " + std::to_string(count) + " stacks (" + all + "): this one is " +
                                what);
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace

std::vector<Source> dicom_sources(const std::vector<InputFile>& files, const ReadOptions& options,
                                  std::vector<RefusedFile>& refused) {
  std::vector<std::optional<DicomImage>> images(files.size());
  std::vector<std::string> failures(files.size());
  if (!files.empty()) prepare_dcmtk();
  const int threads = resolve_threads(options.threads);
  const auto share = static_cast<std::int64_t>(memory_left(options.memory_bytes) / static_cast<unsigned>(threads));
  parallel_for(static_cast<std::int64_t>(files.size()), threads, [&](std::int64_t i) {
    try {
      images[i] = read_dicom_header(files[i], share);
    } catch (const Error& error) {
      if (error.status() != Status::input_refused) throw;
      failures[i] = error.what();
    }
  });
  std::map<Kind, Images> series;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!failures[i].empty()) refused.push_back({files[i].path(), failures[i]});
    if (images[i]) series[kind_of(*images[i])].push_back(std::move(*images[i]));
  }
  const auto unread = std::count_if(failures.begin(), failures.end(), [](const auto& why) { return !why.empty(); });
  std::vector<Source> sources;
  for (auto& [kind, members] : series) {
    const bool some_pixels =
        std::any_of(members.begin(), members.end(), [](const auto& image) { return image.has_pixels; });
    if (some_pixels)  // a series of slices; what carries none is no slice
      std::erase_if(members, [&](const DicomImage& image) {
        if (!image.has_pixels) refused.push_back({image.file.path(), "no pixel data"});
        return !image.has_pixels;
      });
    for (auto& source : sources_of(std::move(members), threads)) sources.push_back(std::move(source));
  }
  if (unread > 0)
    for (auto& source : sources)
      source.warnings.push_back(counted(unread, "DICOM file") + " could not be read: slices may be missing");
  return sources;
}

}  // namespace pleura::scan
