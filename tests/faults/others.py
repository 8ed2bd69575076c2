"""What others do meanwhile: write the same output, plant names, change files that are being read."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import process
from command import Command
from process import Strike
from trial import Bench, Result, Skipped, Test, Trial, exit_faults


def tests(bench: Bench, wanted: Callable[[str], bool]) -> Iterator[Test]:
    for command in bench.commands.values():
        for n in range(1 if bench.reduced else 10):
            yield Test(f"{command.name}: three processes", f"round {n}", three(bench, command, []))
            yield Test(f"{command.name}: three of the same PID", f"round {n}", three(bench, command, ["unshare", "--pid", "--fork"]))
        yield Test(f"{command.name}: temporary names", "two runs", names(bench, command))
    yield from of_changes(bench)


def three(bench: Bench, command: Command, prefix: list[str]) -> Callable[[Path], Result]:
    """Three writers of one output: each is told that it is done, and it is whole."""

    def attempt(work: Path) -> Result:
        if prefix and subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
            return Skipped("no PID namespaces: not root")
        trial = Trial(bench, command, work)
        writers = [subprocess.Popen(prefix + [str(part) for part in command.line(work)], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=process.plain_environment())
                   for _ in range(3)]
        faults = []
        for writer in writers:
            try:
                said = writer.communicate(timeout=2 * process.WATCHDOG)[1]
                faults += [f"exit code {writer.returncode}: {said.strip()[:160]}"] if writer.returncode != 0 else []
            except subprocess.TimeoutExpired:
                writer.kill()
                faults.append("hangs")
        return faults + trial.output_faults(new=True)

    return attempt


def names(bench: Bench, command: Command) -> Callable[[Path], Result]:
    """No temporary name can be foretold: what lies beside an unfinished output is named otherwise in each run, and not by the PID."""

    def attempt(work: Path) -> Result:
        seen: list[set[str]] = []
        for _ in range(2):
            trial, found, faults = Trial(bench, command, work), set(), []

            def look(running: subprocess.Popen) -> None:
                if process.until_stopped(running):
                    found.update(path.name for path in trial.place.iterdir() if path.name != command.target)
                    faults.extend(f"the name {name} holds the PID" for name in found if str(running.pid) in name)

            outcome = trial.run(Strike("write", 1, below=(trial.place,), signal=signal.SIGSTOP), meanwhile=look)
            faults += trial.faults(outcome, set())
            if faults:
                return faults
            seen.append(found)
        return [f"the name {name} can be foretold" for name in seen[0] & seen[1]]

    return attempt


def of_changes(bench: Bench) -> Iterator[Test]:
    """A file of the CT, the weights, goes, shrinks, is written anew while it is read."""

    def empty(file: Path) -> None:
        os.truncate(file, 0)

    def halve(file: Path) -> None:
        os.truncate(file, file.stat().st_size // 2)

    def scramble(file: Path) -> None:
        file.write_bytes(bytes(reversed(file.read_bytes())))

    def attempt(command: Command, path: Path, at: int, change: Callable[[Path], None], code: int) -> Callable[[Path], Result]:
        def run(work: Path) -> Result:
            copy = work / "read" / path.name
            shutil.rmtree(copy.parent, ignore_errors=True)
            copy.parent.mkdir(parents=True)
            (shutil.copytree if path.is_dir() else shutil.copy)(path, copy)
            changed = replace(command, arguments=tuple(copy if part == path else part for part in command.arguments))
            trial = Trial(bench, changed, work)

            def meanwhile(running: subprocess.Popen) -> None:
                if process.until_stopped(running):
                    for file in sorted(copy.rglob("*")) if copy.is_dir() else [copy]:
                        change(file)

            outcome = trial.run(Strike("read", at, below=(copy,), signal=signal.SIGSTOP), meanwhile=meanwhile)
            faults = exit_faults(outcome, {0, code, 4})
            beside = [found.name for found in trial.place.iterdir() if found.name != changed.target]
            return faults + ([f"left behind: {beside[0]}"] if beside else [])

        return run

    for name, attribute, code in (("screen DICOM", "ct", 2), ("screen NIfTI", "ct", 2), ("screen NIfTI", "weights", 3)):
        command = bench.commands[name]
        path = bench.inputs.dicom if name == "screen DICOM" else getattr(command, attribute)
        trial = Trial(bench, command, bench.folder / "count")
        total = trial.run(counting=((path,), 0)).calls["read"]
        for at in bench.sample(total, 2 if bench.reduced else 20):
            for change in (Path.unlink, empty, halve, scramble):
                row = f"{command.name}: {'CT' if code == 2 else 'weights'} changed while it is read"
                yield Test(row, f"{change.__name__} at read {at}", attempt(command, path, at, change, code))
