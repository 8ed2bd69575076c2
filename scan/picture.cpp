#include "scan/picture.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>
#include <string>
#include <string_view>

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

Error damaged(const InputFile& file, const char* why) {
  return refused(file, std::string("damaged picture (") + why + ")");
}

/// A picture's bytes, held here where the file is on disk.
class Picture {
 public:
  explicit Picture(const InputFile& file) : file_(file) {
    constexpr std::int64_t most = std::int64_t{1}
                                  << 30;  // 8192 x 8192 pixels of 16 bits and four channels take half of it
    const auto size = file.size();
    if (size > most) throw refused(file, std::to_string(size) + " bytes, expected at most " + std::to_string(most));
    if (!file.on_disk()) return;
    read_.resize(static_cast<std::size_t>(size));
    const auto in = file.open();
    in->read(reinterpret_cast<char*>(read_.data()), size);
    read_.resize(static_cast<std::size_t>(in->gcount()));
  }

  [[nodiscard]] std::span<const std::byte> bytes() const { return file_.on_disk() ? read_ : file_.bytes(); }
  [[nodiscard]] const stbi_uc* data() const { return reinterpret_cast<const stbi_uc*>(bytes().data()); }
  [[nodiscard]] int size() const { return static_cast<int>(bytes().size()); }

 private:
  const InputFile& file_;
  Bytes read_;
};

PictureSize checked_size(const InputFile& file, const Picture& picture) {
  try {
    const auto [rows, columns] = check_picture(picture.bytes());
    if (columns > STBI_MAX_DIMENSIONS || rows > STBI_MAX_DIMENSIONS)
      throw refused(file, std::to_string(rows) + " x " + std::to_string(columns) + " pixels, expected at most " +
                              std::to_string(STBI_MAX_DIMENSIONS) + " a side");
    return {rows, columns};
  } catch (const PictureFault& fault) {
    throw damaged(file, fault.what());
  }
}

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

PictureSize read_picture_size(const InputFile& file) { return checked_size(file, Picture(file)); }

std::vector<float> read_picture(const InputFile& file) {
  const Picture picture(file);
  const auto size = checked_size(file, picture);
  try {
    check_compressed_pixels(picture.bytes());
  } catch (const PictureFault& fault) {
    throw damaged(file, fault.what());
  }
  int columns = 0, rows = 0, channels = 0;
  const auto grey = [&](const auto& pixels) {
    if (!pixels && std::string_view(stbi_failure_reason()) == "outofmem") throw std::bad_alloc();
    if (!pixels) throw damaged(file, stbi_failure_reason());
    if (rows != size.rows || columns != size.columns) throw damaged(file, "of two sizes");
    return grey_of(pixels.get(), size.rows * size.columns, channels, file);
  };
  if (stbi_is_16_bit_from_memory(picture.data(), picture.size()) != 0)
    return grey(std::unique_ptr<stbi_us, Free>(
        stbi_load_16_from_memory(picture.data(), picture.size(), &columns, &rows, &channels, 0)));
  return grey(std::unique_ptr<stbi_uc, Free>(
      stbi_load_from_memory(picture.data(), picture.size(), &columns, &rows, &channels, 0)));
}

}  // namespace pleura::scan
