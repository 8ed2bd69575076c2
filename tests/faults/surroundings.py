"""A full disk, a short address space, standard streams that are full or closed."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import process
from command import Command
from trial import Bench, Result, Skipped, Test, Trial, exit_faults

KB = 1 << 10
MB = 1 << 20


def tests(bench: Bench, wanted: Callable[[str], bool]) -> Iterator[Test]:
    every = bench.commands.values()
    for command in every:
        for kb in (100, 400) if bench.reduced else (8, 40, 100, 200, 300, 400, 600, 800, 1000):
            yield Test(f"{command.name}: disk full", f"{kb} KB", on_small_disk(bench, command, kb * KB))
        for kb in (60,) if bench.reduced else (1, 10, 60, 200, 500, 800):
            yield Test(f"{command.name}: ulimit -f", f"{kb} KB", with_limit(bench, command, resource.RLIMIT_FSIZE, kb * KB))
    for name in ("screen DICOM", "screen NIfTI"):
        for mb in range(100, 620, 50 if bench.reduced else 5):
            yield Test(f"{name}: ulimit -v", f"{mb} MB", with_limit(bench, bench.commands[name], resource.RLIMIT_AS, mb * MB))
    for command in [bench.commands["screen NIfTI"]] if bench.reduced else every:
        for n in (4, 8) if bench.reduced else range(3, 24):
            yield Test(f"{command.name}: ulimit -n", str(n), with_limit(bench, command, resource.RLIMIT_NOFILE, n))
        yield from of_streams(bench, command)


def on_small_disk(bench: Bench, command: Command, size: int) -> Callable[[Path], Result]:
    """The output lies on a tmpfs of so many bytes."""

    def attempt(work: Path) -> Result:
        trial = Trial(bench, command, work)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", trial.place]
        if subprocess.run(mount, capture_output=True).returncode != 0:
            return Skipped("no tmpfs can be mounted: not root")
        try:
            return trial.faults(trial.run(), {4})
        finally:
            subprocess.run(["umount", trial.place], check=True)

    return attempt


def with_limit(bench: Bench, command: Command, which: int, limit: int) -> Callable[[Path], Result]:
    def bound() -> None:
        resource.setrlimit(which, (limit, limit))

    def attempt(work: Path) -> Result:
        trial = Trial(bench, command, work)
        version = process.run([command.program, "--version"], bench.inputs.build, work, before_exec=bound)
        if version.code == 127:
            return Skipped("too little for the loader")
        return trial.faults(trial.run(before_exec=bound), {4})

    return attempt


def of_streams(bench: Bench, command: Command) -> Iterator[Test]:
    """Standard output and error that cannot be written: the output comes all the same, and what cannot be said shows in the code."""
    name = f"{command.name}: standard streams"

    def attempt(prepare: Callable[[], None], codes: set[int]) -> Callable[[Path], Result]:
        def run(work: Path) -> Result:
            trial = Trial(bench, command, work)
            outcome = trial.run(before_exec=prepare)
            faults = [] if outcome.code in codes else exit_faults(outcome, codes)
            return faults or trial.output_faults(new=True)

        return run

    def full(*streams: int) -> Callable[[], None]:
        return lambda: [os.dup2(os.open("/dev/full", os.O_WRONLY), stream) for stream in streams]

    def closed(streams: tuple[int, ...]) -> Callable[[], None]:
        return lambda: [os.close(stream) for stream in streams]

    yield Test(name, "output full", attempt(full(1), {0, 4}))
    yield Test(name, "error full", attempt(full(2), {0}))
    yield Test(name, "both full", attempt(full(1, 2), {0, 4}))
    for streams in [(0, 1, 2)] if bench.reduced else [s for n in (1, 2, 3) for s in itertools.combinations(range(3), n)]:
        yield Test(name, f"closed {streams}", attempt(closed(streams), {0}))
