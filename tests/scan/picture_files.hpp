#pragma once
/// Pictures for tests, written byte by byte.
#include <zlib.h>

#include <cstdint>
#include <string>

namespace pleura::scan::test {

inline std::string big_endian(std::uint32_t value, int bytes = 4) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFF);
  return text;
}

inline std::string little_endian(std::uint32_t value, int bytes = 4) {
  std::string text = big_endian(value, bytes);
  return {text.rbegin(), text.rend()};
}

inline std::string png_chunk(const std::string& kind, const std::string& data) {
  const auto body = kind + data;
  return big_endian(static_cast<std::uint32_t>(data.size())) + body +
         big_endian(static_cast<std::uint32_t>(
             crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))));
}

struct PngHeader {
  std::uint32_t rows = 4, columns = 4;
  int bits = 8, colour_type = 0;
  bool interlaced = false;
};

/// `raw`: all rows, the number of its filter before each.
inline std::string png_of(const PngHeader& header, const std::string& raw) {
  std::string packed(compressBound(raw.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);
  std::string ihdr = big_endian(header.columns) + big_endian(header.rows);
  ihdr += {static_cast<char>(header.bits), static_cast<char>(header.colour_type), '\0', '\0',
           static_cast<char>(header.interlaced)};
  const std::string palette = header.colour_type == 3 ? png_chunk("PLTE", std::string(3U << header.bits, '\x55')) : "";
  return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", ihdr) + palette + png_chunk("IDAT", packed.substr(0, size / 2)) +
         png_chunk("IDAT", packed.substr(size / 2)) + png_chunk("IEND", "");
}

/// edge x edge pixels of one grey; compression 3 has masks in place of a palette.
inline std::string bmp_of(std::uint32_t edge, std::uint32_t bits, std::uint32_t compression = 0) {
  std::string colours(bits <= 8 ? 4U << bits : 0, '\x77');
  if (compression == 3)
    colours = bits == 16 ? little_endian(0xF800) + little_endian(0x7E0) + little_endian(0x1F)
                         : little_endian(0xFF0000) + little_endian(0xFF00) + little_endian(0xFF);
  const auto at = static_cast<std::uint32_t>(14 + 40 + colours.size()), pixels = (edge * bits + 31) / 32 * 4 * edge;
  return "BM" + little_endian(at + pixels) + little_endian(0) + little_endian(at) + little_endian(40) +
         little_endian(edge) + little_endian(edge) + little_endian(1, 2) + little_endian(bits, 2) +
         little_endian(compression) + little_endian(pixels) + std::string(16, '\0') + colours +
         std::string(pixels, '\x33');
}

inline std::string jpeg_segment(char marker, const std::string& data) {
  return std::string{'\xFF', marker} + big_endian(static_cast<std::uint32_t>(data.size() + 2), 2) + data;
}

/// The parts of a JPEG of 8 x 8 pixels, all of one grey: each Huffman table has one code of one bit, each pixel block
/// is "no difference, end of block".
struct JpegParts {
  std::string quantization = jpeg_segment('\xDB', std::string(1, '\0') + std::string(64, '\1'));
  std::string frame = jpeg_segment('\xC0', std::string("\x08\0\x08\0\x08\x01\x01\x11\0", 9));
  std::string huffman = table('\0', "\1") + table('\x10', "\1");
  std::string scan = jpeg_segment('\xDA', std::string("\x01\x01\0\0\x3F\0", 6)) + "\x3F";
  std::string end = "\xFF\xD9";

  /// `counts`: codes of 1, 2, ... bits, each for symbol 0.
  static std::string table(char which, std::string counts) {
    std::size_t symbols = 0;
    for (const char count : counts) symbols += static_cast<unsigned char>(count);
    counts.resize(16);
    return jpeg_segment('\xC4', which + counts + std::string(symbols, '\0'));
  }

  [[nodiscard]] std::string whole() const { return "\xFF\xD8" + quantization + frame + huffman + scan + end; }
};

}  // namespace pleura::scan::test
