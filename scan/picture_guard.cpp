#include "scan/picture_guard.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scan/bytes.hpp"

namespace pleura::scan {
namespace {

using namespace std::string_view_literals;
using Span = std::span<const std::byte>;

constexpr auto png_signature = "\x89PNG\r\n\x1A\n"sv;

std::string_view text_of(Span bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

const Bytef* zlib_bytes(Span bytes) { return reinterpret_cast<const Bytef*>(bytes.data()); }

struct Chunk {
  std::string_view kind;
  Span data;
};

/// The next chunk, its checksum right.
Chunk take_chunk(Span& from) {
  const std::size_t length = take_number(from, 4);
  const auto body = take(from, std::size_t{4} + std::min<std::size_t>(length, from.size()));
  if (take_number(from, 4) != crc32(0, zlib_bytes(body), static_cast<uInt>(body.size())))
    throw PictureFault("a wrong checksum");
  return {text_of(body.first(4)), body.subspan(4)};
}

/// What a PNG's first chunk says.
struct PngHeader {
  std::int64_t columns, rows;
  int bits, samples;  ///< of a sample; of a pixel
  bool interlaced;
};

PngHeader take_png_header(Span& from) {
  (void)take(from, png_signature.size());
  auto [kind, data] = take_chunk(from);
  if (kind != "IHDR" || data.size() != 13) throw PictureFault("no header");
  PngHeader header{};
  header.columns = take_number(data, 4);
  header.rows = take_number(data, 4);
  header.bits = static_cast<int>(take_number(data, 1));
  const auto colours = take_number(data, 1);
  (void)take(data, 2);
  header.interlaced = take_number(data, 1) != 0;
  constexpr std::array<int, 7> samples{1, 0, 3, 1, 2, 0, 4};  // by colour type
  header.samples = colours < samples.size() ? samples[colours] : 0;
  const bool whole_bits =
      header.bits == 1 || header.bits == 2 || header.bits == 4 || header.bits == 8 || header.bits == 16;
  if (header.samples == 0 || !whole_bits || header.rows < 1 || header.columns < 1)
    throw PictureFault("an impossible header");
  return header;
}

/// Bytes of rows x columns pixels, each row with its filter's number before it.
std::int64_t raw_bytes(const PngHeader& header, std::int64_t rows, std::int64_t columns) {
  return columns == 0 ? 0 : rows * (1 + (columns * header.samples * header.bits + 7) / 8);
}

/// Bytes of all pixels once decompressed; an interlaced picture is seven small ones.
std::int64_t raw_bytes(const PngHeader& header) {
  if (!header.interlaced) return raw_bytes(header, header.rows, header.columns);
  struct Pass {
    std::int64_t row, column, row_step, column_step;
  };
  constexpr Pass passes[] = {{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4},
                             {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}};
  std::int64_t bytes = 0;
  for (const auto& pass : passes)
    bytes += raw_bytes(header, (header.rows - pass.row + pass.row_step - 1) / pass.row_step,
                       (header.columns - pass.column + pass.column_step - 1) / pass.column_step);
  return bytes;
}

/// Decompresses and drops; counts no further than one byte beyond `most`.
class Inflater {
 public:
  explicit Inflater(std::int64_t most) : most_(most) {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  void add(Span compressed) {
    stream_.next_in = const_cast<Bytef*>(zlib_bytes(compressed));  // only ever read
    stream_.avail_in = static_cast<uInt>(compressed.size());
    while (!ended_ && bytes_ <= most_) {
      stream_.next_out = scratch_.data();
      stream_.avail_out = static_cast<uInt>(scratch_.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      bytes_ += static_cast<std::int64_t>(scratch_.size() - stream_.avail_out);
      ended_ = status == Z_STREAM_END;
      if (status == Z_BUF_ERROR || (status == Z_OK && stream_.avail_out > 0)) return;  // wants more
      if (status != Z_OK && !ended_) throw PictureFault("its compressed pixels are damaged");
    }
  }

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  z_stream stream_{};
  std::array<Bytef, 1 << 15> scratch_{};
  std::int64_t most_, bytes_ = 0;
  bool ended_ = false;
};

}  // namespace

PictureSize check_png(Span png) {
  const auto [columns, rows, bits, samples, interlaced] = take_png_header(png);
  std::string_view kind;
  while (kind != "IEND") {
    kind = take_chunk(png).kind;
    const bool critical = (kind[0] & 0x20) == 0;  // a capital: not to be passed over
    if (critical && kind != "PLTE" && kind != "IDAT" && kind != "IEND") throw PictureFault("an unknown part");
  }
  return {rows, columns};
}

void check_compressed_pixels(Span picture) {
  if (!text_of(picture).starts_with(png_signature)) return;
  const auto expected = raw_bytes(take_png_header(picture));
  Inflater pixels(expected);
  for (auto chunk = take_chunk(picture); chunk.kind != "IEND"; chunk = take_chunk(picture))
    if (chunk.kind == "IDAT") pixels.add(chunk.data);
  if (!pixels.ended() || pixels.bytes() != expected)
    throw PictureFault(pixels.bytes() > expected ? "more compressed pixels than it announces"
                                                 : "its compressed pixels are truncated");
}

PictureSize check_bmp(Span bmp) {
  const auto number = [&](std::size_t at, auto type) {
    if (at + sizeof type > bmp.size()) throw PictureFault("truncated");
    return std::int64_t{load<decltype(type)>(bmp, at, false)};  // BMP and this machine are little endian
  };
  const auto pixels_at = number(10, std::uint32_t{}), header_bytes = number(14, std::uint32_t{});
  const bool old = header_bytes == 12;
  const auto columns = old ? number(18, std::uint16_t{}) : number(18, std::int32_t{});
  const auto rows =
      std::abs(old ? number(20, std::uint16_t{}) : number(22, std::int32_t{}));  // below 0: from the top down
  const auto bits = number(old ? 24 : 28, std::uint16_t{});
  if (columns < 1 || rows < 1 || bits > 32) throw PictureFault("an impossible header");
  const auto row_bytes = (columns * bits + 31) / 32 * 4;
  if (pixels_at + rows * row_bytes > static_cast<std::int64_t>(bmp.size())) throw PictureFault("truncated");
  return {rows, columns};
}

PictureSize check_picture(Span picture) {
  const auto head = text_of(picture);
  if (head.starts_with(png_signature)) return check_png(picture);
  if (head.starts_with("\xFF\xD8")) return check_jpeg(picture);
  if (head.starts_with("BM")) return check_bmp(picture);
  throw PictureFault("neither PNG nor JPEG nor BMP");
}

}  // namespace pleura::scan
