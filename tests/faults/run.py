#!/usr/bin/env python3
"""Runs pleura where calls fail, memory and disk are short, signals come and others write the same output; prints a table.

    run.py [--build build/release] [--reduced] [--only WORD...] [--jobs N] [--seed N] [--out table.csv]

Needs a build with tests, as the command runs under libraries that are preloaded. --reduced tries a sample in a minute or two, for CI;
without it small runs are tried call by call. --only runs the tests whose name holds one of the words. Good is: an exit code of
docs/command.md, one line on standard error, the output whole or as before, nothing beside it, no hang of 30 s, no death by a signal
that was not sent. Exits with 1 where a try failed. A try that a library of others ended by itself is counted apart, by name.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import csv
import queue
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import library
import nth_call
import others
import serving
import stopping
import surroundings
from command import Inputs
from trial import Bench, Known, Result, Skipped, Test

PARTS = (nth_call, surroundings, stopping, others, library, serving)
HERE = Path(__file__).resolve().parent


@dataclass
class Row:
    """What came of one test."""

    tried: int = 0
    seconds: float = 0
    known: Counter = field(default_factory=Counter)
    skipped: Counter = field(default_factory=Counter)
    failures: list[tuple[str, str]] = field(default_factory=list)  # which try, what was wrong

    def add(self, test: Test, result: Result, seconds: float) -> None:
        self.seconds += seconds
        if isinstance(result, Skipped):
            self.skipped[result.words] += 1
            return
        self.tried += 1
        if isinstance(result, Known):
            self.known[result.words] += 1
        elif result:
            self.failures.append((test.which, "; ".join(result)))


def run_all(bench: Bench, words: list[str], jobs: int) -> Iterator[tuple[Test, Result, float]]:
    """Each test in one of `jobs` folders side by side; the results in the order of the tests."""
    workplaces: queue.Queue[Path] = queue.Queue()
    for i in range(jobs):
        workplaces.put(bench.folder / f"work-{i}")

    def attempt(test: Test) -> tuple[Test, Result, float]:
        work, start = workplaces.get(), time.monotonic()
        try:
            result = test.attempt(work)
        except Exception as error:  # of the test itself: it must not pass for a good try
            result = [f"the test broke: {type(error).__name__}: {error}"]
        finally:
            workplaces.put(work)
        return test, result, time.monotonic() - start

    def wanted(name: str) -> bool:
        return any(word in name for word in words)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        tests = (test for part in PARTS for test in part.tests(bench, wanted) if wanted(test.name))
        for attempted in [pool.submit(attempt, test) for test in tests]:
            yield attempted.result()


def print_table(rows: dict[str, Row]) -> None:
    print(f"\n{'test':52} {'tried':>6} {'failures':>8} {'known':>6} {'s':>6}")
    for name, row in rows.items():
        words = "; ".join(f"{count} x {what}" for what, count in (row.known + row.skipped).items())
        print(f"{name:52} {row.tried:6} {len(row.failures):8} {sum(row.known.values()):6} {row.seconds:6.0f}  {words}")
    print(f"{'all':52} {sum(r.tried for r in rows.values()):6} {sum(len(r.failures) for r in rows.values()):8} "
          f"{sum(sum(r.known.values()) for r in rows.values()):6}")


def write_table(rows: dict[str, Row], file: Path) -> None:
    with open(file, "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("test", "tried", "failures", "known", "failing", "skipped"))
        for name, row in rows.items():
            failing = "; ".join(f"{which}: {what}" for which, what in row.failures)
            skipped = "; ".join(row.skipped)
            writer.writerow((name, row.tried, len(row.failures), sum(row.known.values()), failing, skipped))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=HERE.parent.parent / "build/release")
    parser.add_argument("--reduced", action="store_true")
    parser.add_argument("--only", nargs="+", default=[""])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()

    start, rows = time.monotonic(), {}
    with tempfile.TemporaryDirectory(prefix="pleura-faults-") as name:
        folder = Path(name).resolve()
        bench = Bench(Inputs(arguments.build.resolve(), folder / "inputs"), folder / "made", arguments.reduced, arguments.seed)
        for test, result, seconds in run_all(bench, arguments.only, arguments.jobs):
            rows.setdefault(test.name, Row()).add(test, result, seconds)
            if isinstance(result, list) and result:
                print(f"{test.name}, {test.which}: {'; '.join(result)}", flush=True)
    print_table(rows)
    print(f"{time.monotonic() - start:.0f} s")
    if arguments.out:
        write_table(rows, arguments.out)
    return 1 if any(row.failures for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
