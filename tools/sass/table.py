#!/usr/bin/env python3
"""Reads the machine code of the hot kernels and holds it to what is asked of it. Usage: table.py BINARY... [--write FILE]

BINARY: what holds code for sm_61, sm_80 and sm_90, of preset cuda-all; or *.sm_61.cubin and the like. Prints what is not as it should be, and exits with 1 then. With
--write, the table goes between the marks of FILE. The tools are those of build/cuda-12.9 (tools/setup/cuda-toolkit.sh).
"""

import argparse
import sys
from itertools import chain
from pathlib import Path

from disassembly import kernels_of
from families import family_of
from loops import hot_loop, shares_of_kernel, waits_of_stage

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- table of tools/sass -->", "<!-- end of the table -->"
HEAD = ("| kernel | registers | shared, bytes | blocks, occupancy | hot loop: multiply-adds of instructions | its loads from shared memory | "
        "multiply-adds of issue cycles | hot loop of the cycles up to the epilogue; of all, at least | waits of a stage |\n"
        "|---|---|---|---|---|---|---|---|---|\n")
HELD = 61  # the architecture whose shares are held; of the others, what none may do

SHARED = {61: 96 << 10, 80: 164 << 10, 90: 228 << 10}  # bytes of a multiprocessor, by architecture


def resident_blocks(kernel):
    registers = -(-kernel.registers // 8) * 8 * kernel.threads
    return min(32, 65536 // registers, 2048 // kernel.threads, SHARED[kernel.architecture] // kernel.shared)


def faults(kernel, family, hot):
    """What is wrong with a kernel, in words."""
    opcodes = {instruction.base for instruction in kernel.code}
    if kernel.stack or opcodes & {"STL", "LDL"}:
        yield f"{kernel.stack} bytes of local memory, expected none"
    if hot is None:
        yield "no loop of multiply-adds, expected one"
        return
    share = hot.products / len(hot.code)
    if kernel.architecture == HELD and share < family.least_share:
        yield f"{100 * share:.1f} % multiply-adds in the hot loop, expected {100 * family.least_share:.0f} %"
    waits = waits_of_stage(kernel, hot)
    if family.most_waits and waits > family.most_waits:
        yield f"{waits} waits of a stage for global memory, expected {family.most_waits} at most"
    loads = hot.loads("LDS")
    if hot.arithmetic == "FFMA" and (loads[32] or (not family.narrow_loads and loads[128] < 0.85 * sum(loads.values()))):
        yield f"loads from shared memory of {dict(loads)} bits, expected 128"


def describe(kernel, family, hot):
    static = kernel.shared > 1024  # what is asked for at launch is not in the code
    blocks = resident_blocks(kernel) if static else 0
    occupancy = f"{blocks}, {100 * blocks * kernel.threads // 2048} %" if static else "-"
    widths = [f"{count} of {bits}" for bits, count in sorted(hot.loads("LDS").items(), reverse=True)]
    loads = ", ".join(widths + [f"{hot.mix['LDSM']} LDSM"] * (hot.mix["LDSM"] > 0))
    share, least = shares_of_kernel(kernel, hot, family)
    return (f"| {family.title} | {kernel.registers} | {kernel.shared if static else 'at launch'} | {occupancy} | "
            f"{hot.products} of {len(hot.code)}, {100 * hot.products / len(hot.code):.1f} % | {loads} | "
            f"{100 * hot.products / hot.cycles:.0f} % | {100 * share:.0f} %; {100 * least:.0f} % | {waits_of_stage(kernel, hot) if family.most_waits else '-'} |\n")


def survey(binaries, tools):
    """The tables, all faults, the number of kernels."""
    text, wrong, count = "", [], 0
    for architecture in SHARED:
        rows = []
        for kernel in sorted(chain(*(kernels_of(binary, architecture, tools) for binary in binaries)), key=lambda k: k.name):
            family = family_of(kernel)
            if family is None:
                continue
            hot = hot_loop(kernel, family.arithmetic)
            wrong += [f"sm_{architecture}: {kernel.name}: {fault}" for fault in faults(kernel, family, hot)]
            if hot:
                rows.append(describe(kernel, family, hot))
        if not rows:
            wrong.append(f"sm_{architecture}: no hot kernel in {', '.join(map(str, binaries))}, expected some")
            continue
        text += f"\n### sm_{architecture}\n\n{HEAD}{''.join(rows)}"
        count += len(rows)
    return text, wrong, count


def write(path, table):
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    path.write_text(before + BEGIN + "\n" + table + "\n" + END + rest.split(END)[1], encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binaries", type=Path, nargs="+", metavar="BINARY")
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    table, wrong, count = survey(options.binaries, ROOT / "build/cuda-12.9/bin")
    if options.write:
        write(options.write, table)
    for fault in wrong:
        print(fault, file=sys.stderr)
    print(f"machine code: {count} hot kernels, {len(wrong)} not as asked")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
