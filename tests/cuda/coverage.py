#!/usr/bin/env python3
"""Holds that every CUDA kernel of the real binaries ran in every emulated build, and writes the list.

    coverage.py --logs plain.log asan.log tsan.log --binaries pleura... --cuobjdump PATH --out coverage.csv

The logs are EMULATOR_LAUNCH_LOG's: build, count and kernel a line. Exits with 1 where a kernel did not run in a build.
"""

import argparse
import csv
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

BUILDS = ("plain", "asan", "tsan")


def bare_name(signature: str) -> str:
    """`void a::(anonymous namespace)::k<float, 5>(float const*)` as `a::k<float, 5>`."""
    text = re.sub(r"\(anonymous namespace\)::|_GLOBAL__N_\w*::", "", signature.strip())
    text = re.sub(r"^void ", "", text)
    depth = 0
    for i, c in enumerate(text):  # up to the parameters; brackets of template arguments may hold some, too
        depth += (c == "<") - (c == ">")
        if c == "(" and depth == 0:
            return text[:i]
    return text


def ran(logs: list[Path]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(BUILDS, 0))
    for log in logs:
        for line in log.read_text().splitlines():
            build, count, kernel = line.split("\t")
            counts[bare_name(kernel)][build] += int(count)
    return counts


def built(binary: Path, cuobjdump: str) -> dict[str, set[str]]:
    """Architectures of each kernel."""
    text = subprocess.run([cuobjdump, "--list-text", binary], check=True, capture_output=True, text=True).stdout
    sections = re.findall(r"x-(\w+)\.(sm_\w+)\.elf\.bin", text)
    if not sections:
        sys.exit(f"{binary}: no machine code found, expected kernels")
    names = subprocess.run(["c++filt"], input="\n".join(symbol for symbol, _ in sections), check=True, capture_output=True,
                           text=True).stdout.splitlines()
    kernels: dict[str, set[str]] = defaultdict(set)
    for name, (_, architecture) in zip(names, sections, strict=True):
        kernels[bare_name(name)].add(architecture)
    return kernels


def precision(kernel: str) -> str:
    arguments = kernel.partition("<")[2]
    types = [name for type_, name in (("float", "fp32"), ("__half", "fp16")) if re.search(rf"\b{type_}\b", arguments)]
    return "+".join(types) or "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", nargs="+", type=Path, required=True)
    parser.add_argument("--binaries", nargs="*", type=Path, default=[])
    parser.add_argument("--cuobjdump", default="cuobjdump")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    counts = ran(options.logs)
    architectures: dict[str, set[str]] = defaultdict(set)
    for binary in options.binaries:
        kernels = built(binary, options.cuobjdump)
        found = sorted(set().union(*kernels.values()), key=lambda name: int(re.sub(r"\D", "", name)))
        print(f"{binary}: {len(kernels)} kernels for {' '.join(found)}")
        for kernel, names in kernels.items():
            architectures[kernel] |= names

    every = sorted(set(counts) | set(architectures))
    with options.out.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["kernel", "precision", *BUILDS, "machine code"])
        for kernel in every:
            table.writerow([kernel, precision(kernel), *(counts[kernel][build] for build in BUILDS),
                            " ".join(sorted(architectures[kernel]))])
    missed = [(kernel, build) for kernel in every for build in BUILDS if counts[kernel][build] == 0]
    for kernel, build in missed:
        print(f"never ran in the {build} build: {kernel}", file=sys.stderr)
    unbuilt = [kernel for kernel in counts if options.binaries and kernel not in architectures]
    for kernel in unbuilt:
        print(f"in no binary: {kernel}", file=sys.stderr)
    print(f"{len(every)} kernels, {len(missed)} not run somewhere: {options.out}")
    sys.exit(1 if missed or unbuilt else 0)


if __name__ == "__main__":
    main()
