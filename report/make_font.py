"""Makes font_data.inc: DejaVu Sans Mono's printable ASCII as small antialiased pictures, 16 greys, one hex digit a pixel.

python make_font.py REGULAR.ttf BOLD.ttf > font_data.inc
DejaVu's licence (Bitstream Vera's, and public domain) lets its glyphs be embedded.
"""

import sys

from PIL import Image, ImageDraw, ImageFont


def glyphs(file: str, pixels: int) -> tuple[int, int, list[str]]:
    font = ImageFont.truetype(file, pixels)
    ascent, descent = font.getmetrics()
    width, height = round(font.getlength("M")), ascent + descent
    rows = []
    for code in range(32, 127):
        image = Image.new("L", (width, height))
        ImageDraw.Draw(image).text((0, 0), chr(code), 255, font)
        rows.append("".join(f"{round(value / 17):x}" for value in image.tobytes()))
    return width, height, rows


def main() -> None:
    print("// Made by make_font.py from DejaVu Sans Mono.")
    for name, file, pixels in (("kSmall", sys.argv[1], 15), ("kLarge", sys.argv[2], 24)):
        width, height, rows = glyphs(file, pixels)
        print(f"constexpr int {name}Width = {width}, {name}Height = {height};")
        print(f"constexpr std::array<const char*, 95> {name}Glyphs{{")
        for row in rows:
            print(f'    "{row.rstrip("0")}",')
        print("};")


if __name__ == "__main__":
    main()
