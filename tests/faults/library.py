"""The library in one process: three threads write one output, a soak, a forked child."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import process
from trial import Bench, Result, Test, Trial, exit_faults

SOAK = 60
FLAT_KB = 4096  # what the resident memory may grow by after the tenth screening


def tests(bench: Bench, wanted: Callable[[str], bool]) -> Iterator[Test]:
    yield Test("library: three threads", "", three_threads(bench, 5 if bench.reduced else 20))
    yield Test("library: soak", "", soak(bench, 15 if bench.reduced else SOAK))
    yield Test("library: a forked child", "", forked(bench))


def call(bench: Bench, work: Path, what: str, *arguments, **options) -> process.Outcome:
    program = bench.inputs.build / "bin/fault_api"
    return process.run([program, what, bench.inputs.nifti, bench.inputs.weights, *arguments], bench.inputs.build, work, **options)


def three_threads(bench: Bench, rounds: int) -> Callable[[Path], Result]:
    def attempt(work: Path) -> Result:
        trial = Trial(bench, bench.commands["screen NIfTI"], work)
        outcome = call(bench, work, "writers", trial.place / "out", rounds, watchdog=4 * process.WATCHDOG)
        beside = [path.name for path in trial.place.iterdir() if path.name != "out"]
        return exit_faults(outcome, {0}) + ([f"left behind: {beside[0]}"] if beside else [])

    return attempt


def soak(bench: Bench, times: int) -> Callable[[Path], Result]:
    """Memory and open files stay as they are after the first ten screenings."""

    def attempt(work: Path) -> Result:
        trial = Trial(bench, bench.commands["screen NIfTI"], work)
        outcome = call(bench, work, "soak", trial.place / "out", times, watchdog=10 * process.WATCHDOG)
        faults = exit_faults(outcome, {0})
        if faults:
            return faults
        memory, files = zip(*(map(int, line.split()) for line in outcome.out.splitlines()), strict=True)
        more = min(memory[-5:]) - memory[9]  # the least of the last: for a moment a thread that has just ended counts, too
        grown = [f"{more} KB more than after ten"] if more > FLAT_KB else []
        return grown + ([f"{files[-1] - files[0]} more open files than after one"] if files[-1] != files[0] else [])

    return attempt


def forked(bench: Bench) -> Callable[[Path], Result]:
    """The engine works in a forked child, or refuses."""
    return lambda work: exit_faults(call(bench, Trial(bench, bench.commands["screen NIfTI"], work).work, "fork"), {0, 1, 4})
