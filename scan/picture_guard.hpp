#pragma once
/// What is wrong with a picture that stb_image would pass over in silence, or that would do it harm, found before it
/// sees the picture: parts cut off, checksums, tables, more compressed pixels than the header announces.
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace pleura::scan {

/// What a picture's header says.
struct PictureSize {
  std::int64_t rows = 0, columns = 0;
};

/// Why a picture is not to be read, in a few words.
class PictureFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Walks the structure of a whole PNG, JPEG or BMP file. Throws PictureFault.
[[nodiscard]] PictureSize check_picture(std::span<const std::byte> picture);

/// The same for one of the three formats, by its first bytes.
[[nodiscard]] PictureSize check_png(std::span<const std::byte> png);
[[nodiscard]] PictureSize check_jpeg(std::span<const std::byte> jpeg);
[[nodiscard]] PictureSize check_bmp(std::span<const std::byte> bmp);

/// Throws PictureFault where the compressed pixels of a PNG that check_png took are damaged, or fewer or more than its
/// header announces. Passes over other pictures.
void check_compressed_pixels(std::span<const std::byte> picture);

/// Takes the first bytes off a span. Throws PictureFault where it has fewer.
[[nodiscard]] inline std::span<const std::byte> take(std::span<const std::byte>& from, std::size_t count) {
  if (from.size() < count) throw PictureFault("truncated");
  const auto taken = from.first(count);
  from = from.subspan(count);
  return taken;
}

/// The same as a number, its highest byte first.
[[nodiscard]] inline std::uint32_t take_number(std::span<const std::byte>& from, std::size_t bytes) {
  std::uint32_t number = 0;
  for (const std::byte byte : take(from, bytes)) number = number << 8 | std::to_integer<std::uint32_t>(byte);
  return number;
}

}  // namespace pleura::scan
