"""What tests are made of: one try each, in a folder of its own, and what may come of it."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import process
from command import Command, Inputs, Snapshot, commands
from process import Outcome, Strike

# Libraries of others that end the process by themselves where an allocation of theirs fails: OpenMP's and the unwinder by design, DCMTK's
# logging at exit, HDF5 1.10 in H5I_register (it calls exit), H5D__create and others (they crash).
ENDING_LIBRARIES = ("libgomp.so", "libgcc_s.so", "liboflog.so", "libhdf5_serial.so", "ld-linux")


@dataclass(frozen=True)
class Known:
    """It failed in what pleura cannot mend."""

    words: str


@dataclass(frozen=True)
class Skipped:
    """It could not be tried here."""

    words: str


Result = list[str] | Known | Skipped  # of faults: none is good


@dataclass(frozen=True)
class Test:
    """One try: the row of the table that it belongs to, which of that row it is, and the try itself in a folder."""

    name: str
    which: str
    attempt: Callable[[Path], Result]


class Bench:
    """What the tests share: inputs, and for each command its good output and an earlier, different one."""

    def __init__(self, inputs: Inputs, folder: Path, reduced: bool, seed: int) -> None:
        self.inputs, self.folder, self.reduced, self.random = inputs, folder, reduced, random.Random(seed)
        self.commands = commands(inputs)
        self._good: dict[str, Snapshot] = {}
        self._making = threading.RLock()

    def sample(self, total: int, most: int) -> list[int]:
        """The numbers 1 to total, or `most` of them: the first, the last and some between; of one alone, any."""
        if total <= most:
            return list(range(1, total + 1))
        if most == 1:
            return [self.random.randint(1, total)]
        return sorted({1, total} | set(self.random.sample(range(2, total), most - 2)))

    def _made(self, command: Command, kind: str) -> Path:
        work = self.folder / f"{command.name}-{kind}".replace(" ", "-")
        with self._making:
            if not work.exists():
                (work / "place").mkdir(parents=True)
                outcome = process.run(command.line(work, earlier=kind == "earlier"), self.inputs.build, work)
                if outcome.code != 0:
                    raise RuntimeError(f"{command.name} without a fault: {outcome}")
        return work

    def good(self, command: Command) -> Snapshot:
        with self._making:
            if command.name not in self._good:
                self._good[command.name] = command.snapshot(self._made(command, "good"))
            return self._good[command.name]

    def put_earlier(self, command: Command, place: Path) -> None:
        made = self._made(command, "earlier") / "place" / command.target
        if made.is_dir():
            shutil.copytree(made, place / command.target)
        else:
            shutil.copy(made, place / command.target)


class Trial:
    """One run of a command in a folder: from an output that is absent or an earlier one, to one that is judged."""

    def __init__(self, bench: Bench, command: Command, work: Path, earlier: bool = False) -> None:
        self.bench, self.command, self.work, self.good = bench, command, work, bench.good(command)
        self.place = work / "place"
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        if earlier:
            bench.put_earlier(command, self.place)
        self.before = command.snapshot(work)

    def run(self, strike: Strike | None = None, **options) -> Outcome:
        return process.run(self.command.line(self.work), self.bench.inputs.build, self.work, strike, **options)

    def output_faults(self, new: bool, remnants: bool = False) -> list[str]:
        """What is wrong with the output: units that are neither new nor, if that may be, as before; what lies beside it."""
        now, faults = self.command.snapshot(self.work), []
        beside = [path.name for path in self.place.iterdir() if path.name != self.command.target]
        beside += sorted(now.keys() - self.before.keys() - self.good.keys())
        for unit in sorted(self.before.keys() | self.good.keys()):
            if now.get(unit) != self.good.get(unit) and (new or now.get(unit) != self.before.get(unit)):
                faults.append(f"output {unit} {'is not whole' if unit in now else 'is not there'}")
        return faults + ([f"left behind: {beside[0]}"] if beside and not remnants else [])

    def faults(self, outcome: Outcome, codes: set[int], remnants: bool = False) -> list[str]:
        """What is wrong after a run that may succeed, or end with one of these codes."""
        return exit_faults(outcome, codes | {0}) or self.output_faults(new=outcome.code == 0, remnants=remnants)


def exit_faults(outcome: Outcome, codes: set[int]) -> list[str]:
    """What is wrong with how a run ended: with none of these codes, or without one line to a code that is not 0; a signal may do
    without."""
    if outcome.hung:
        return [f"hangs{from_where(outcome)}"]
    lines = outcome.err.splitlines()
    said = f": {' / '.join(lines)[:160]}" if lines else ""
    if outcome.code not in codes:
        return [f"exit code {outcome.code}{said}{from_where(outcome)}"]
    expected = 0 if outcome.code == 0 else 1
    unsaid = outcome.code < 0 and not lines
    good = (len(lines) == expected or unsaid) and all(line.startswith("pleura: ") for line in lines)
    return [] if good else [f"{len(lines)} lines of errors, expected {expected}{said}"]


def caller(outcome: Outcome) -> str:
    """Library and function whose call was struck, below those of C and C++; empty without a stack."""
    below = ("libfault_", "libstdc++.so", "libc.so", "(_ZSt", "(_ZNSt", "(_ZNKSt")
    line = next((line for line in outcome.trace if not any(word in line for word in below)), "")
    return line.rpartition("/")[2]


def from_where(outcome: Outcome) -> str:
    return f", struck from {caller(outcome)}" if outcome.trace else ""


def ending_library(outcome: Outcome) -> str | None:
    """The library whose own call was struck, where it is one that ends the process by itself. OpenMP's says so, also where calls before
    its own were struck."""
    if "libgomp: Out of memory" in outcome.err:
        return "libgomp.so"
    return next((library for library in ENDING_LIBRARIES if caller(outcome).startswith(library)), None)
