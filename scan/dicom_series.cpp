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

#include "runtime/parallel.hpp"
#include "scan/dicom_header.hpp"
#include "scan/dicom_pixels.hpp"
#include "scan/dicom_stack.hpp"
#include "scan/hounsfield.hpp"
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
  Preference preference{.series_number = image.series_number};
  for (const auto* text : {&image.description, &image.body_part, &image.protocol, &image.study_description})
    if (preference.chest == 0) preference.chest = chest_in(*text);
  const auto is_derived = [](const std::string& value) { return value == "DERIVED" || value == "SECONDARY"; };
  preference.original = std::none_of(image.image_type.begin(), image.image_type.end(), is_derived) &&
                        !contains_any(lower(image.description), {"mip", "minip", "average"});
  if (geometry) {
    preference.slice_mm = geometry->spacing[0];
    preference.extent_mm = geometry->spacing[0] * static_cast<double>(geometry->shape[0]);
  }
  return preference;
}

/// Rescaled, padding and all, into one slice of the volume.
void to_slice(const std::vector<std::int32_t>& stored, const PixelFormat& format, const DicomFrame& frame,
              std::int16_t* slice) {
  // A padding value inside the range of tissue would blot out the patient: such a one is a mistake of the file.
  auto padding = format.padding;
  if (padding) {
    const double low = padding->first * frame.slope + frame.intercept,
                 high = padding->second * frame.slope + frame.intercept;
    const auto is_tissue = [](double hu) { return hu > -900 && hu < 3071; };
    if (is_tissue(low) || is_tissue(high)) padding.reset();
  }
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const bool padded = padding && stored[i] >= padding->first && stored[i] <= padding->second;
    slice[i] = padded ? padding_hu : to_hounsfield(stored[i] * frame.slope + frame.intercept);
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

Volume read_series(const Images& images, const Stack& stack, const Orientation& orientation, int threads) {
  const std::int64_t slice_voxels = stack.grid.shape[1] * stack.grid.shape[2];
  // Compressed frames of unusual size must prove it before the volume takes memory for all of them.
  constexpr std::int64_t usual_voxels = 1 << 20;
  const Slice& first = stack.slices.front();
  const auto frames_of = [](const DicomImage& image) { return static_cast<std::int64_t>(image.frames.size()); };
  if (slice_voxels > usual_voxels)
    (void)DicomPixels(images[first.image].file, frames_of(images[first.image]))
        .frame(static_cast<std::int64_t>(first.frame));
  std::vector<std::int16_t> hu(static_cast<std::size_t>(orientation.geometry.voxels()));
  const auto tasks = tasks_of(images, stack.slices, resolve_threads(threads));
  parallel_for(static_cast<std::int64_t>(tasks.size()), threads, [&](std::int64_t t) {
    const Task& task = tasks[t];
    const DicomImage& image = images[task.image];
    DicomPixels pixels(image.file, frames_of(image));
    for (const auto& [frame, place] : task.frames)
      to_slice(pixels.frame(static_cast<std::int64_t>(frame)), pixels.format(), image.frames[frame],
               hu.data() + static_cast<std::int64_t>(place) * slice_voxels);
  });
  Provenance provenance{.format = "DICOM",
                        .files = static_cast<std::int64_t>(images.size()),
                        .series_uid = images.front().series_uid,
                        .file_axis = orientation.axis,
                        .file_flip = orientation.flip};
  return {orientation.geometry, turn(std::move(hu), orientation), std::move(provenance)};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
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

Source source_of(Images images) {
  Source source;
  const DicomImage& first = images.front();
  source.study = first.study_uid;
  source.report.uid = first.series_uid;
  source.report.path = place_of(images);
  source.report.description = first.description;
  source.report.modality = first.modality;
  source.report.format = "DICOM";
  source.report.files = static_cast<std::int64_t>(images.size());
  auto stack = std::make_shared<Stack>(stack_slices(images));
  source.warnings = stack->warnings;
  source.report.refused = joined(stack->faults);
  if (source.report.refused.empty()) {
    try {
      const Orientation orientation = orient(stack->grid, first.file.path().parent_path().string());
      source.report.geometry = orientation.geometry;
      if (std::any_of(images.begin(), images.end(), [](const DicomImage& image) { return image.lossy; }))
        source.warnings.push_back("the slices were compressed with loss (" + first.transfer_syntax + ")");
      source.preference = preference_of(first, source.report.geometry);
      const auto shared = std::make_shared<const Images>(std::move(images));
      source.read = [shared, stack, orientation](const ReadOptions& options) {
        return read_series(*shared, *stack, orientation, options.threads);
      };
    } catch (const Error& error) {
      source.report.refused = error.what();
    }
  }
  return source;
}

/// Scouts are often filed under the series that they plan.
bool is_localizer(const DicomImage& image) {
  return std::find(image.image_type.begin(), image.image_type.end(), "LOCALIZER") != image.image_type.end();
}

}  // namespace

std::vector<Source> dicom_sources(const std::vector<InputFile>& files, int threads, std::vector<RefusedFile>& refused) {
  std::vector<std::optional<DicomImage>> images(files.size());
  std::vector<std::string> failures(files.size());
  parallel_for(static_cast<std::int64_t>(files.size()), threads, [&](std::int64_t i) {
    try {
      images[i] = read_dicom_header(files[i]);
    } catch (const Error& error) {
      if (error.status() != Status::input_refused) throw;
      failures[i] = error.what();
    }
  });
  std::map<std::tuple<std::string, std::string, bool>, Images> series;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!failures[i].empty()) refused.push_back({files[i].path(), failures[i]});
    if (images[i])
      series[{images[i]->series_uid, images[i]->study_uid, is_localizer(*images[i])}].push_back(std::move(*images[i]));
  }
  std::vector<Source> sources;
  for (auto& [key, members] : series) {
    const bool some_pixels =
        std::any_of(members.begin(), members.end(), [](const auto& image) { return image.has_pixels; });
    if (some_pixels)  // a series of slices; what carries none is no slice
      std::erase_if(members, [&](const DicomImage& image) {
        if (!image.has_pixels) refused.push_back({image.file.path(), "no pixel data"});
        return !image.has_pixels;
      });
    sources.push_back(source_of(std::move(members)));
  }
  return sources;
}

}  // namespace pleura::scan
