/// An RLE frame: the first byte says how many bytes a pixel has, the next how many pixels.
#include "scan/rle.hpp"

#include "tests/fuzz/fuzz.hpp"

PLEURA_FUZZ_TARGET {
  const int bytes_per_pixel = 1 + pleura::fuzz::take_byte(data) % 2;
  const std::int64_t pixels = 1 + pleura::fuzz::take_byte(data);
  (void)pleura::scan::decode_rle(std::as_bytes(data), pixels, bytes_per_pixel, "a");
}
