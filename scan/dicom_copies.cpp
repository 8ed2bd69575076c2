#include "scan/dicom_copies.hpp"

#include <algorithm>
#include <map>

#include "pleura/error.hpp"
#include "runtime/parallel.hpp"
#include "scan/dicom_pixels.hpp"
#include "scan/text.hpp"

namespace pleura::scan {
namespace {

using Images = std::vector<DicomImage>;

bool same_pixels(const DicomImage& a, const DicomImage& b) {
  if (a.rows != b.rows || a.columns != b.columns || a.frames != b.frames || !a.has_pixels || !b.has_pixels)
    return false;
  const auto frames = static_cast<std::int64_t>(a.frames.size());
  try {
    DicomPixels of_a(a.file, frames), of_b(b.file, frames);
    for (std::int64_t frame = 0; frame < frames; ++frame)
      if (of_a.frame(frame) != of_b.frame(frame)) return false;
    return true;
  } catch (const Error&) {
    return false;  // reading the series says what is wrong with them
  }
}

}  // namespace

std::vector<std::string> take_out_copies(Images& images, int threads) {
  std::map<std::string, std::size_t> first_of;
  std::vector<std::pair<std::size_t, std::size_t>> alike;  // the first image of a UID, and a later one
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto [first, is_new] = first_of.emplace(images[i].sop_instance_uid, i);
    if (!is_new && !images[i].sop_instance_uid.empty()) alike.emplace_back(first->second, i);
  }
  if (alike.empty()) return {};
  std::vector<char> is_copy(images.size());
  parallel_for(static_cast<std::int64_t>(alike.size()), threads, [&](std::int64_t i) {
    is_copy[alike[i].second] = same_pixels(images[alike[i].first], images[alike[i].second]) ? 1 : 0;
  });
  std::vector<std::string> warnings;
  const auto warn = [&](bool copies, const char* one, const char* several) {
    const auto is_meant = [&](const auto& pair) { return (is_copy[pair.second] != 0) == copies; };
    const auto count = std::count_if(alike.begin(), alike.end(), is_meant);
    if (count == 0) return;
    const auto& pair = *std::find_if(alike.begin(), alike.end(), is_meant);
    warnings.push_back(counted(count, "file") + (count == 1 ? one : several) + ", the first " +
                       images[pair.second].name + " of " + images[pair.first].name);
  };
  warn(true, " is a copy of another (same SOPInstanceUID and pixels) and counts once",
       " are copies of others (same SOPInstanceUID and pixels) and count once");
  warn(false, " has the SOPInstanceUID of another, but not its pixels or place",
       " have the SOPInstanceUID of another, but not its pixels or place");
  Images kept;
  for (std::size_t i = 0; i < images.size(); ++i)
    if (is_copy[i] == 0) kept.push_back(std::move(images[i]));
  images = std::move(kept);
  return warnings;
}

}  // namespace pleura::scan
