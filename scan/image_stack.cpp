#include "scan/image_stack.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <optional>

#include "runtime/parallel.hpp"
#include "scan/dicom_stack.hpp"
#include "scan/hounsfield.hpp"
#include "scan/orientation.hpp"
#include "scan/picture.hpp"
#include "scan/reckoning.hpp"
#include "scan/text.hpp"

namespace pleura::scan {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The last whole number in a file's name.
std::optional<long> number_in(const std::filesystem::path& file) {
  const std::string name = file.stem().string();
  auto end = name.find_last_of("0123456789");
  if (end == std::string::npos) return std::nullopt;
  auto begin = end;
  while (begin > 0 && is_digit(name[begin - 1])) --begin;
  if (end - begin > 8) return std::nullopt;
  return std::stol(name.substr(begin, end - begin + 1));
}

/// Numbers left out between the first and the last name: slices that may be missing.
long numbers_left_out(const std::vector<InputFile>& files) {
  long left_out = 0;
  for (std::size_t i = 1; i < files.size(); ++i) {
    const auto before = number_in(files[i - 1].path()), here = number_in(files[i].path());
    if (before && here && *here > *before) left_out += *here - *before - 1;
  }
  return left_out;
}

void require_sound(const ReadOptions& options) {
  if (options.window_low && options.window_high && !(*options.window_low < *options.window_high))
    throw Error(Status::usage, "window from " + number(*options.window_low) + " to " + number(*options.window_high) +
                                   " HU, expected a low below the high");
  if (options.spacing &&
      std::any_of(options.spacing->begin(), options.spacing->end(), [](double s) { return !(s > 0 && s < 1000); }))
    throw Error(Status::usage, "spacing of " + number((*options.spacing)[0]) + ", " + number((*options.spacing)[1]) +
                                   ", " + number((*options.spacing)[2]) + " mm, expected positive figures");
}

/// Why the pictures cannot be screened; empty where they can.
std::string fault_of(const std::vector<InputFile>& files, const PictureSize& first, const ReadOptions& options) {
  if (!options.window_low || !options.window_high || !options.spacing)
    return "pictures hold neither HU nor geometry, expected --window-low, --window-high (HU of black and white) and "
           "--spacing (z,y,x in mm)";
  for (const auto& file : files) {
    const auto size = read_picture_size(file);
    if (size.rows != first.rows || size.columns != first.columns)
      return file.path().filename().string() + " has " + std::to_string(size.rows) + " x " +
             std::to_string(size.columns) + " pixels, expected " + std::to_string(first.rows) + " x " +
             std::to_string(first.columns) + " as in " + files.front().path().filename().string();
  }
  if (files.size() < fewest_slices)
    return counted(static_cast<long long>(files.size()), "slice") + ", expected at least " +
           std::to_string(fewest_slices);
  return "";
}

Volume read_stack(const std::vector<InputFile>& files, const Geometry& geometry, const ReadOptions& options) {
  constexpr std::int64_t decoder_bytes = 32;  // a voxel: stb_image's unpacked rows, its channels, grey values
  require_volume_memory(geometry.shape,
                        resolve_threads(options.threads) * geometry.shape[1] * geometry.shape[2] * decoder_bytes,
                        options, files.front().path().parent_path().string());
  Volume volume{geometry, std::vector<std::int16_t>(static_cast<std::size_t>(geometry.voxels())), {}};
  const auto slice_voxels = static_cast<std::size_t>(geometry.shape[1] * geometry.shape[2]);
  const double low = *options.window_low, width = *options.window_high - low;
  parallel_for(geometry.shape[0], options.threads, [&](std::int64_t z) {
    const auto grey = read_picture(files[z]);
    if (grey.size() != slice_voxels)
      throw Error(Status::input_refused, files[z].path().string() + ": changed while it was read");
    auto* slice = volume.hu.data() + static_cast<std::size_t>(z) * slice_voxels;
    for (std::size_t i = 0; i < slice_voxels; ++i) slice[i] = to_hounsfield(low + double{grey[i]} * width);
  });
  return volume;
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const auto skip_zeros = [](const std::string& text, std::size_t& at) {
        while (at + 1 < text.size() && text[at] == '0' && is_digit(text[at + 1])) ++at;
        const auto begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return text.substr(begin, at - begin);
      };
      const auto first = skip_zeros(a, i), second = skip_zeros(b, j);
      if (first.size() != second.size()) return first.size() < second.size();
      if (first != second) return first < second;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
    }
  }
  if ((i == a.size()) != (j == b.size())) return i == a.size();
  return a < b;
}

Source image_stack(const std::filesystem::path& folder, std::vector<InputFile> files, const ReadOptions& options) {
  require_sound(options);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return natural_less(a.path().filename().string(), b.path().filename().string());
  });
  Source source;
  source.report.path = folder;
  source.report.format = "image stack";
  source.report.files = static_cast<std::int64_t>(files.size());
  try {
    const auto first = read_picture_size(files.front());
    source.report.refused = fault_of(files, first, options);
    if (!source.report.refused.empty()) return source;
    const auto& spacing = *options.spacing;
    const Geometry geometry{.shape = {static_cast<std::int64_t>(files.size()), first.rows, first.columns},
                            .spacing = spacing};
    require_few_voxels(geometry.shape, folder.string());
    source.report.geometry = geometry;
    if (const long left_out = numbers_left_out(files); left_out > 0)
      source.warnings.push_back("the slices' names leave out " + counted(left_out, "number") +
                                ": slices may be missing");
    source.read = [files = std::move(files), geometry](const ReadOptions& o) { return read_stack(files, geometry, o); };
  } catch (const Error& error) {
    source.report.refused = without_file(error.what(), folder);
  }
  return source;
}

}  // namespace pleura::scan
