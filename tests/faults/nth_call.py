"""The Nth call of a kind fails, once or from then on: of the file system on output, CT and weights, and allocations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from command import Command
from process import Strike
from trial import Bench, Known, Result, Test, Trial, ending_library, exit_faults

SIZES = (1, 1 << 10, 1 << 16, 1 << 20)  # of the allocations that count


def tests(bench: Bench, wanted: Callable[[str], bool]) -> Iterator[Test]:
    for command in bench.commands.values():
        for make in (of_output, of_inputs, of_memory):
            yield from make(bench, command, wanted)


def count(bench: Bench, command: Command, below: tuple[Path, ...] = (), least: int = 0, earlier: bool = False) -> dict[str, int]:
    work = bench.folder / "count"
    trial = Trial(bench, command, work, earlier)
    return trial.run(counting=(below or (trial.place,), least)).calls


def strikes(bench: Bench, kind: str, total: int, reduced: int, full: int, **rest) -> Iterator[Strike]:
    """Of a sample of the calls: once and from then on; one of both where the tests are reduced."""
    for at in bench.sample(total, reduced if bench.reduced else full):
        for lasting in (bench.random.random() < 0.5,) if bench.reduced else (False, True):
            yield Strike(kind, at, lasting, **rest)


def of_output(bench: Bench, command: Command, wanted: Callable[[str], bool]) -> Iterator[Test]:
    name = f"{command.name}: calls on the output"
    if not wanted(name):
        return

    def attempt(strike: Strike, earlier: bool) -> Callable[[Path], Result]:
        def run(work: Path) -> Result:
            trial = Trial(bench, command, work, earlier)
            at_place = Strike(strike.kind, strike.at, strike.lasting, (trial.place,))
            return trial.faults(trial.run(at_place), {4}, strike.hinders_removal)

        return run

    whole = command.name == "weights random"  # small and fast: call by call
    for earlier in (False, True):
        for kind, total in count(bench, command, earlier=earlier).items():
            for strike in strikes(bench, kind, total, reduced=2, full=2000 if whole else 60):
                yield Test(name, f"{strike}{', earlier output' if earlier else ''}", attempt(strike, earlier))


def of_inputs(bench: Bench, command: Command, wanted: Callable[[str], bool]) -> Iterator[Test]:
    for what, path, code in (("CT", command.ct, 2), ("weights", command.weights, 3)):
        name = f"{command.name}: calls on the {what}"
        if path is None or not wanted(name):
            continue

        def attempt(strike: Strike, code: int = code) -> Callable[[Path], Result]:
            def run(work: Path) -> Result:
                trial = Trial(bench, command, work)
                outcome = trial.run(strike)
                if command.name != "evaluate" or outcome.code == 0:
                    return trial.faults(outcome, {code, 4})
                # It tells of the CT that it could not read; the next run does the rest.
                faults = exit_faults(outcome, {code, 4})
                return faults or trial.faults(trial.run(), set())

            return run

        for kind, total in count(bench, command, below=(path,)).items():
            for strike in strikes(bench, kind, total, reduced=2, full=30, below=(path,)):
                yield Test(name, str(strike), attempt(strike))


def of_memory(bench: Bench, command: Command, wanted: Callable[[str], bool]) -> Iterator[Test]:
    for least in SIZES:
        name = f"{command.name}: allocations" + ("" if least == 1 else f" of {least >> 10} KB or more")
        if not wanted(name):
            continue

        def attempt(strike: Strike) -> Callable[[Path], Result]:
            def run(work: Path) -> Result:
                trial = Trial(bench, command, work)
                outcome = trial.run(strike)
                faults = trial.faults(outcome, {4}, strike.hinders_removal)
                library = ending_library(outcome)
                return Known(f"{library} ends the process where an allocation of its own fails") if faults and library else faults

            return run

        total = count(bench, command, least=least)["allocation"]
        for strike in strikes(bench, "allocation", total, reduced=4, full=200 if least == 1 else 30, least=least):
            yield Test(name, str(strike), attempt(strike))
