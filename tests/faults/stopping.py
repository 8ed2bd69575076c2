"""Signals: while files are written, at any moment, while a file is waited for; a second one; and SIGKILL, after which the next run
cleans up."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import process
from command import Command
from process import Strike
from trial import Bench, Result, Test, Trial, exit_faults

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
MOMENTS = ("write", "open", "close", "sync", "rename", "mkdir", "unlink")  # of writing the output


def tests(bench: Bench, wanted: Callable[[str], bool]) -> Iterator[Test]:
    for command in bench.commands.values():
        writing, moments, killed = (f"{command.name}: {what}" for what in ("signals while writing", "signals at any moment", "killed"))
        if wanted(writing) or wanted(killed):
            counts = count(bench, command)
            for kind, at in [(kind, at) for kind in MOMENTS for at in bench.sample(counts[kind], 1 if bench.reduced else 12)]:
                for number in (bench.random.choice(SIGNALS),) if bench.reduced else SIGNALS:
                    yield Test(writing, f"{number.name} at {kind} {at}", stopped_at(bench, command, kind, at, number))
                for earlier in (True,) if bench.reduced else (False, True):
                    which = f"{kind} {at}{', earlier output' if earlier else ''}"
                    yield Test(killed, which, killed_at(bench, command, kind, at, earlier))
        if wanted(moments):
            total = Trial(bench, command, bench.folder / "count").run(counting=((), 1)).calls["allocation"]
            for at in bench.sample(total, 3 if bench.reduced else 24):
                number = bench.random.choice(SIGNALS)
                yield Test(moments, f"{number.name} at allocation {at}", stopped_at(bench, command, "allocation", at, number))
    for name in ("extract", "evaluate"):
        for number in SIGNALS:
            yield Test(f"{name}: signals while a FIFO is waited for", number.name, waiting(bench, bench.commands[name], number))
    if wanted("screen: a second signal"):
        slow = bench.inputs.slow()
        for number in SIGNALS:
            yield Test("screen: a second signal", number.name, twice(bench, slow, number))


def count(bench: Bench, command: Command) -> dict[str, int]:
    trial = Trial(bench, command, bench.folder / "count")
    return trial.run(counting=((trial.place,), 0)).calls


def stopped_at(bench: Bench, command: Command, kind: str, at: int, number: signal.Signals) -> Callable[[Path], Result]:
    """The signal comes at one call. It may come too late to matter; else the exit tells of it and the output is as before."""

    def attempt(work: Path) -> Result:
        trial = Trial(bench, command, work)
        below = () if kind == "allocation" else (trial.place,)
        outcome = trial.run(Strike(kind, at, below=below, signal=number))
        return trial.faults(outcome, {-number})

    return attempt


def killed_at(bench: Bench, command: Command, kind: str, at: int, earlier: bool) -> Callable[[Path], Result]:
    """SIGKILL leaves the output whole or as before; the next run is good and leaves nothing beside its output."""

    def attempt(work: Path) -> Result:
        trial = Trial(bench, command, work, earlier)
        outcome = trial.run(Strike(kind, at, below=(trial.place,), signal=signal.SIGKILL))
        faults = [] if outcome.code in (0, -signal.SIGKILL) else exit_faults(outcome, {-signal.SIGKILL})
        faults += trial.output_faults(new=False, remnants=True)
        return faults or [f"the next run: {fault}" for fault in trial.faults(trial.run(), set())]

    return attempt


def waiting(bench: Bench, command: Command, number: signal.Signals) -> Callable[[Path], Result]:
    """A FIFO that nobody writes stands where a table is expected: refused, or one signal ends the wait."""

    def attempt(work: Path) -> Result:
        trial = Trial(bench, command, work)
        fifo = work / "fifo"
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        line = command.line(work)
        line = [fifo if part == bench.inputs.cohort else part for part in line]
        line += ["--boxes", fifo] if command.name == "extract" else []

        def interrupt(running: subprocess.Popen) -> None:
            time.sleep(1)
            running.send_signal(number)

        outcome = process.run(line, bench.inputs.build, work, meanwhile=interrupt, watchdog=10)
        return exit_faults(outcome, {-number, 1, 2, 4}) or trial.output_faults(new=False)

    return attempt


def twice(bench: Bench, slow: tuple[Path, Path], number: signal.Signals) -> Callable[[Path], Result]:
    """The second signal ends at once what the first would end at the next layer."""

    def attempt(work: Path) -> Result:
        trial = Trial(bench, bench.commands["screen NIfTI"], work)
        ended = []

        def interrupt(running: subprocess.Popen) -> None:
            time.sleep(1.5)
            running.send_signal(number)
            time.sleep(0.7)
            running.send_signal(number)
            second = time.monotonic()
            running.wait(process.WATCHDOG)
            ended.append(time.monotonic() - second)

        instead = dict(zip((bench.inputs.nifti, bench.inputs.weights), slow, strict=True))
        line = [*(instead.get(part, part) for part in trial.command.line(work)), "--device", "reference"]
        outcome = process.run(line, bench.inputs.build, work, meanwhile=interrupt)
        faults = [] if outcome.code == -number else exit_faults(outcome, {-number})
        late = [f"ended {ended[0]:.1f} s after the second signal"] if ended and ended[0] > 2 else []
        return faults + late + trial.output_faults(new=False)

    return attempt
