#include "report/png.hpp"

#include <zlib.h>

#include <cstdlib>
#include <string>

#include "pleura/error.hpp"

namespace pleura::report {
namespace {

constexpr int kDeflateLevel = 2, kFilterUp = 2;

/// zlib packs better and faster than the compressor in stb.
unsigned char* deflate_png(unsigned char* data, int bytes, int* packed_bytes, int /*quality*/) {
  uLongf packed = compressBound(static_cast<uLong>(bytes));
  auto* out = static_cast<unsigned char*>(std::malloc(packed));  // stb frees it
  if (out != nullptr && compress2(out, &packed, data, static_cast<uLong>(bytes), kDeflateLevel) != Z_OK) {
    std::free(out);
    out = nullptr;
  }
  *packed_bytes = static_cast<int>(packed);
  return out;
}

}  // namespace
}  // namespace pleura::report

#define STBIW_ZLIB_COMPRESS pleura::report::deflate_png
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

namespace pleura::report {
namespace {

/// Each row as its difference from the row above: far faster than to try all filters on every row, as stb does else.
/// Set before any thread writes.
[[maybe_unused]] const int filter = stbi_write_force_png_filter = kFilterUp;

}  // namespace

std::vector<std::uint8_t> encode_png(int width, int height, const std::vector<std::uint8_t>& rgb) {
  std::vector<std::uint8_t> bytes;
  const auto take = [](void* context, void* data, int size) {
    const auto* from = static_cast<const std::uint8_t*>(data);
    auto& to = *static_cast<std::vector<std::uint8_t>*>(context);
    to.insert(to.end(), from, from + size);
  };
  if (stbi_write_png_to_func(take, &bytes, width, height, 3, rgb.data(), width * 3) == 0)
    throw Error(Status::resources, "out of memory for a picture of " + std::to_string(rgb.size()) + " bytes");
  return bytes;
}

}  // namespace pleura::report
