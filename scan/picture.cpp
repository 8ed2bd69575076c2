#include "scan/picture.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "pleura/error.hpp"

// The decoder itself, private to this file; its style is not ours to judge.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 8192
#include <stb_image.h>
#pragma GCC diagnostic pop

namespace pleura::scan {
namespace {

Error refused(const InputFile& file, const std::string& why) {
  return {Status::input_refused, file.path().string() + ": " + why};
}

/// What stb_image reads a stream through.
const stbi_io_callbacks from_stream{
    .read =
        [](void* stream, char* bytes, int count) {
          auto& in = *static_cast<std::istream*>(stream);
          in.read(bytes, count);
          return static_cast<int>(in.gcount());
        },
    .skip = [](void* stream, int count) { static_cast<std::istream*>(stream)->seekg(count, std::ios::cur); },
    .eof = [](void* stream) { return static_cast<std::istream*>(stream)->good() ? 0 : 1; }};

struct Free {
  void operator()(void* pixels) const { stbi_image_free(pixels); }
};

/// Channels to grey: pictures saved in colour are taken where their colours are grey but for JPEG's rounding.
template <typename Sample>
std::vector<float> grey_of(const Sample* pixels, std::int64_t count, int channels, const InputFile& file) {
  constexpr float white = std::numeric_limits<Sample>::max();
  constexpr float most_tint = 8.0F / 255;
  std::vector<float> grey(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const Sample* pixel = pixels + i * channels;
    grey[i] = static_cast<float>(pixel[0]) / white;
    if (channels < 3) continue;
    const auto [low, high] = std::minmax({pixel[0], pixel[1], pixel[2]});
    if (static_cast<float>(high - low) / white > most_tint)
      throw refused(file, "a coloured picture, expected grey values");
    grey[i] = static_cast<float>(pixel[1]) / white;
  }
  return grey;
}

}  // namespace

PictureSize read_picture_size(const InputFile& file) {
  int columns = 0, rows = 0, channels = 0;
  if (stbi_info_from_callbacks(&from_stream, file.open().get(), &columns, &rows, &channels) == 0)
    throw refused(file, std::string("not a picture that can be read (") + stbi_failure_reason() + ")");
  if (columns > STBI_MAX_DIMENSIONS || rows > STBI_MAX_DIMENSIONS)
    throw refused(file, std::to_string(rows) + " x " + std::to_string(columns) + " pixels, expected at most " +
                            std::to_string(STBI_MAX_DIMENSIONS) + " a side");
  return {rows, columns};
}

std::vector<float> read_picture(const InputFile& file) {
  int columns = 0, rows = 0, channels = 0;
  const auto in = file.open();
  if (stbi_is_16_bit_from_callbacks(&from_stream, file.open().get()) != 0) {
    const std::unique_ptr<stbi_us, Free> pixels(
        stbi_load_16_from_callbacks(&from_stream, in.get(), &columns, &rows, &channels, 0));
    if (!pixels) throw refused(file, std::string("damaged picture (") + stbi_failure_reason() + ")");
    return grey_of(pixels.get(), std::int64_t{rows} * columns, channels, file);
  }
  const std::unique_ptr<stbi_uc, Free> pixels(
      stbi_load_from_callbacks(&from_stream, in.get(), &columns, &rows, &channels, 0));
  if (!pixels) throw refused(file, std::string("damaged picture (") + stbi_failure_reason() + ")");
  return grey_of(pixels.get(), std::int64_t{rows} * columns, channels, file);
}

}  // namespace pleura::scan
