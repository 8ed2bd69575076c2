#include <array>

#include "tests/fuzz/seed_files.hpp"
#include "tests/scan/picture_files.hpp"

namespace pleura::fuzz {
namespace {

constexpr int side = 9;

/// Grey noise; each row under another filter.
std::string png(int bits, int colour_type, int samples, bool interlaced) {
  constexpr std::array<std::array<int, 4>, 7> passes{
      {{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4}, {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}}};
  std::string raw;
  const auto add = [&](int rows, int columns) {
    for (int row = 0; columns > 0 && row < rows; ++row) {
      raw += static_cast<char>(row % 5);
      for (int i = 0; i < (columns * samples * bits + 7) / 8; ++i)
        raw += static_cast<char>(37 * row + 11 * (i / samples));
    }
  };
  if (!interlaced) add(side, side);
  if (interlaced)
    for (const auto& [row, column, row_step, column_step] : passes)
      add((side - row + row_step - 1) / row_step, (side - column + column_step - 1) / column_step);
  return scan::test::png_of(
      {.rows = side, .columns = side, .bits = bits, .colour_type = colour_type, .interlaced = interlaced}, raw);
}

}  // namespace

void write_pictures(const Seeds& seeds) {
  struct Kind {
    int bits, colour_type, samples;
  };
  constexpr Kind kinds[] = {{1, 0, 1}, {2, 0, 1}, {4, 0, 1}, {8, 0, 1},  {16, 0, 1}, {8, 2, 3}, {16, 2, 3},
                            {4, 3, 1}, {8, 3, 1}, {8, 4, 2}, {16, 4, 2}, {8, 6, 4},  {16, 6, 4}};
  for (const auto& [bits, colour_type, samples] : kinds)
    for (const bool interlaced : {false, true})
      seeds.write("picture",
                  std::to_string(colour_type) + "-" + std::to_string(bits) + (interlaced ? "i" : "") + ".png",
                  png(bits, colour_type, samples, interlaced));
  for (const std::uint32_t bits : {1, 4, 8, 16, 24, 32})
    seeds.write("picture", std::to_string(bits) + ".bmp", scan::test::bmp_of(side, bits));
  for (const std::uint32_t bits : {16, 32})
    seeds.write("picture", std::to_string(bits) + "m.bmp", scan::test::bmp_of(side, bits, 3));
  seeds.write("picture", "small.jpg", scan::test::JpegParts().whole());
}

}  // namespace pleura::fuzz
