#!/usr/bin/env python3
"""Turns CUDA C++ that g++ cannot parse into C++ on the emulator, line for line.

Three things change: `kernel<<<grid, block, shared, stream>>>(...)`, `__shared__` variables, and `extern __shared__` arrays. All
else is left to the emulator's headers. Usage: translate.py SOURCE OUTPUT
"""

import os
import re
import sys

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', re.S)


def blank_out(source):
    """The source with comments and literals blanked, every other character where it was."""
    return TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source)


def matching(text, start, opening, closing):
    """Index of the bracket that closes the one at start."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == opening) - (text[i] == closing)
        if depth == 0:
            return i
    raise ValueError(f"no {closing} for the {opening} at {start}")


def kernel_start(text, end):
    """Where the expression that names a kernel begins, given where it ends: a qualified name, maybe with template arguments."""
    i = end
    while True:
        while i > 0 and text[i - 1].isspace():
            i -= 1
        if i > 0 and text[i - 1] == ">":
            depth = 0
            while i > 0:
                i -= 1
                depth += (text[i] == ">") - (text[i] == "<")
                if depth == 0:
                    break
            continue
        start = i
        while i > 0 and (text[i - 1].isalnum() or text[i - 1] == "_"):
            i -= 1
        if i == start:
            raise ValueError(f"no kernel name before the launch at {end}")
        if text[:i].rstrip().endswith("::"):
            i = text[:i].rstrip().rfind("::")
            if i > 0 and (text[i - 1].isalnum() or text[i - 1] in "_>"):
                continue
        return i


def replace_launches(source):
    while True:
        text = blank_out(source)
        launch = text.find("<<<")
        if launch < 0:
            return source
        close = text.index(">>>", launch)
        start = kernel_start(text, launch)
        kernel = source[start:launch].strip()
        source = (source[:start] + f"::emulator::Launcher<&{kernel}>(" + source[launch + 3:close] + ")" + source[close + 3:])


def split_declarators(text):
    """The text at its commas outside brackets."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([{<") - (c in ")]}>")
        if c == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return parts + [text[start:]]


def shared_variable(declaration):
    """`float a[4], b;` as references into the block's shared memory."""
    alignment = "16"
    align = re.search(r"(?:__align__|alignas)\s*\(", declaration)
    if align:
        close = matching(declaration, align.end() - 1, "(", ")")
        alignment = declaration[align.end():close]
        declaration = declaration[:align.start()] + declaration[close + 1:]
    first, *others = split_declarators(declaration)
    match = re.fullmatch(r"(?P<type>.*?)(?P<name>[A-Za-z_]\w*)\s*(?P<rest>(?:\[.*\])?)\s*", first, re.S)
    if not match:
        raise ValueError(f"__shared__ {declaration!r} is not understood")
    result = []
    for declarator in [match["name"] + match["rest"], *(o.strip() for o in others)]:
        name = re.match(r"\w+", declarator).group()
        rest = declarator[len(name):]
        result.append(
            f"typedef {match['type'].strip()} emulator_type_{name}{rest}; static char emulator_tag_{name}; "
            f"emulator_type_{name}& {name} = *static_cast<emulator_type_{name}*>(::emulator::static_shared("
            f"&emulator_tag_{name}, sizeof(emulator_type_{name}), {alignment} > alignof(emulator_type_{name}) ? "
            f"{alignment} : alignof(emulator_type_{name})))")
    return "; ".join(result)


def replace_shared(source):
    while True:
        text = blank_out(source)
        match = re.search(r"(?P<extern>\bextern\s+)?\b__shared__\b", text)
        if not match:
            return source
        end = text.index(";", match.end())
        declaration = source[match.end():end]
        if match["extern"]:
            array = re.fullmatch(r"(?:\s*(?:__align__|alignas)\s*\([^()]*\))?(?P<type>.*?)(?P<name>[A-Za-z_]\w*)\s*\[\s*\]\s*",
                                 declaration, re.S)
            new = f"{array['type'].strip()}* {array['name']} = static_cast<{array['type'].strip()}*>(::emulator::dynamic_shared())"
        else:
            new = shared_variable(declaration)
        new += "\n" * (declaration.count("\n") - new.count("\n"))
        source = source[:match.start()] + new + source[end:]


def main():
    source_path, output_path = sys.argv[1:]
    with open(source_path, encoding="utf-8") as file:
        source = file.read()
    try:
        translated = replace_launches(replace_shared(source))
    except ValueError as error:
        sys.exit(f"{source_path}: {error}")
    os.makedirs(os.path.dirname(os.path.abspath(output_path)), exist_ok=True)
    with open(output_path + ".tmp", "w", encoding="utf-8") as file:
        file.write(f'#line 1 "{source_path}"\n{translated}')
    os.replace(output_path + ".tmp", output_path)


if __name__ == "__main__":
    main()
