#!/usr/bin/env python3
"""Runs pleura's CUDA tests, the pipeline beside the CPU's, compute-sanitizer and benchmarks on this machine's GPU; writes one folder of results.

    accept.py [--out FOLDER | --resume FOLDER] [--minutes M] [--jobs N] [--plan | --dry-run]

Stands beside bin/ and data/, as pack.sh lays them out; needs Python 3.9 and the driver, no network. compute-sanitizer is looked for in
PATH and in CUDA's usual place, PyTorch in this Python: what is absent is named in summary.json. Exits with 0 where all that must run
ran and passed (PyTorch may be absent), with 1 where something failed, was cut off or could not run. summary.json is written anew as each part ends,
so that --resume goes on after any end: parts that passed or failed are not run again. --dry-run runs nothing on a GPU: it checks that all
is there and that the programs start, and writes the commands. --plan prints the parts and about how long each takes on an H200.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "bench"), str(HERE.parent.parent / "bench")]  # packed, and in the source tree

from figures import Unsound, read_figures  # noqa: E402
from parts import LEFT_OUT, Part, find_sanitizer, first_parts, last_parts, sanitizer_parts  # noqa: E402

ENDED = ("passed", "failed", "absent", "dry run")


def text_of(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def machine() -> dict:
    query = "name,compute_cap,driver_version,memory.total,clocks.max.sm,clocks.max.memory,power.limit,pstate,ecc.mode.current"
    values = text_of(["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"]).splitlines()
    gpu = dict(zip(query.split(","), (v.strip() for v in values[0].split(",")))) if values else {}
    sanitizer = find_sanitizer()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "gpu": gpu, "kernel": platform.release(), "cpu": platform.processor() or platform.machine(), "cores": os.cpu_count(),
        "python": platform.python_version(), "build": json.loads((HERE / "build.json").read_text()),
        "compute_sanitizer": text_of([sanitizer, "--version"]).splitlines()[-1:] if sanitizer else None,
    }


def shown(command: list[str], out: Path) -> str:
    """A command as another machine could run it."""
    text = " ".join(command).replace(f"{HERE}/", "").replace(str(out), "results")
    return text.replace(command[0], Path(command[0]).name, 1) if Path(command[0]).is_absolute() else text


def unsound(file: Path) -> str:
    """Why the figures of a part are none; empty where they are, or where it writes no JSON."""
    if not file.exists():
        return ""
    try:
        figures = read_figures(file.read_text())
    except (Unsound, ValueError) as why:
        return str(why)
    benchmarks = figures.get("benchmarks", []) if isinstance(figures, dict) else []
    failed = [benchmark["name"] for benchmark in benchmarks if benchmark.get("error_occurred")]
    return f"failed: {', '.join(failed)}" if failed else ""


class Running:
    """A part that has begun."""

    def __init__(self, part: Part, out: Path):
        self.part, self.out, self.start = part, out, time.monotonic()
        self.log = out / f"{part.name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                part.command, stdout=log, stderr=subprocess.STDOUT, env=os.environ | part.environment, start_new_session=True
            )

    def result(self, status: str) -> dict:
        seconds = round(time.monotonic() - self.start, 1)
        return {"status": status, "exit": self.process.returncode, "seconds": seconds, "command": shown(self.part.command, self.out)}

    def ended(self) -> dict | None:
        """Its result, once it has ended of itself."""
        code = self.process.poll()
        if code is None:
            return None
        why = unsound(self.out / f"{self.part.name}.json")
        if why:
            with self.log.open("a") as log:
                print(f"{self.part.name}: {self.part.name}.json: {why}", file=log)
        return self.result("passed" if code == 0 and not why else "failed")

    def cut_off(self) -> dict:
        """Ends it with all that it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        log = self.log.read_text(errors="replace")
        left = [test for test in self.part.tests if f"[       OK ] {test} " not in log]
        return self.result("cut off") | ({"tests": left} if left else {})


def run(parts: list[Part], out: Path, end: float, record: Callable[[str, dict], None], jobs: int = 1) -> None:
    """Begins them in their order, at most `jobs` at a time, until `end`; leaves nothing running, however it ends."""
    waiting, running = list(parts), []
    try:
        while waiting or running:
            if time.monotonic() >= end:
                break
            while waiting and len(running) < jobs:
                part = waiting.pop(0)
                try:
                    running.append(Running(part, out))
                except OSError as why:
                    (out / f"{part.name}.log").write_text(f"{why}\n")
                    record(part.name, {"status": "failed", "exit": None, "seconds": 0.0, "command": shown(part.command, out)})
            for one in list(running):
                if result := one.ended():
                    running.remove(one)
                    record(one.part.name, result)
            time.sleep(0.02)
    finally:
        for one in running:
            record(one.part.name, one.ended() or one.cut_off())


class Summary:
    """summary.json, at any moment as things stand."""

    def __init__(self, out: Path, about: dict, dry_run: bool, stages: dict[str, dict]):
        self.out, self.about, self.dry_run, self.stages = out, about, dry_run, stages
        self.planned: dict[str, Part] = {}

    def plan(self, parts: list[Part]) -> list[Part]:
        """Those that are still to be run."""
        self.planned |= {part.name: part for part in parts}
        for part in parts:
            if part.command is None:
                self.stages[part.name] = {"status": "absent"}
        lacking = [part for part in parts if part.command is not None and not self.has_ended(part)]
        for part in lacking:
            self.stages.pop(part.name, None)
        self.write()
        return lacking

    def has_ended(self, part: Part) -> bool:
        stage = self.stages.get(part.name, {})
        return stage.get("status") in ("passed", "failed") and stage["command"] == shown(part.command, self.out)

    def record(self, name: str, result: dict) -> None:
        self.stages[name] = result
        print(f"{name:16} {result['status']} {result['seconds']} s", flush=True)
        self.write()

    @property
    def cut_off(self) -> dict[str, list[str]]:
        """What has not ended, or not begun: parts, and of a sanitizer's shard the tests that it still lacks."""
        lacking = {name: part for name, part in self.planned.items() if self.stages.get(name, {}).get("status") not in ENDED}
        return {name: self.stages.get(name, {}).get("tests", list(part.tests)) for name, part in lacking.items()}

    @property
    def green(self) -> bool:
        def is_good(part: Part) -> bool:
            status = self.stages.get(part.name, {}).get("status")
            may_be_absent = part.may_be_absent or (self.dry_run and bool(part.tests))  # a sanitizer
            return status in ("passed", "dry run") or (status == "absent" and may_be_absent)

        return all(map(is_good, self.planned.values()))

    def write(self) -> None:
        text = {
            "green": self.green, "dry_run": self.dry_run, "machine": self.about, "cut_off": self.cut_off,
            "left_out": f"tests named {LEFT_OUT}..., of sanitizers alone", "stages": self.stages,
        }  # fmt: skip
        draft = self.out / "summary.json.draft"
        draft.write_text(json.dumps(text, indent=1) + "\n")
        draft.replace(self.out / "summary.json")


def print_plan(out: Path, jobs: int) -> None:
    first, sanitizers, last = first_parts(out), sanitizer_parts(out), last_parts(out)
    for part in [*first, *sanitizers, *last]:
        print(f"{part.name:16} {part.seconds:4} s{'' if part.command else '  absent'}")
    seconds = [part.seconds for part in sanitizers]
    together = max(max(seconds), sum(seconds) / jobs)
    print(f"{'all':16} {together + sum(part.seconds for part in [*first, *last]):4.0f} s, sanitizers {jobs} at a time")


def dry_run(summary: Summary, out: Path) -> None:
    for part in summary.plan([*first_parts(out), *sanitizer_parts(out), *last_parts(out)]):
        lacking = [word for word in part.command if word.startswith(f"{HERE}/") and not word.startswith(str(out)) and not Path(word).exists()]
        summary.stages[part.name] = {"status": "failed" if lacking else "dry run", "command": shown(part.command, out)}
        for word in lacking:
            print(f"{part.name}: lacks {word}", file=sys.stderr)
    # The programs start and find their libraries; what bench_cuda could run depends on the GPU.
    options = {"test_cuda": "--gtest_list_tests", "bench_cuda": "--help", "pleura": "--version"}
    starts = [Part(f"{program} starts", 1, [str(HERE / "bin" / program), option]) for program, option in options.items()]
    summary.plan(starts)
    run(starts, out, time.monotonic() + 60, summary.record)


def real_run(summary: Summary, out: Path, end: float, jobs: int) -> None:
    first, last = first_parts(out), last_parts(out)
    summary.plan([*first, *sanitizer_parts(out), *last])  # so that all is named, wherever this ends
    run(summary.plan(first), out, end, summary.record)
    # Sanitizers' shards are made by each test's seconds, now known; they have what time is left beside the last parts.
    time_of_last = sum(part.seconds for part in summary.plan(last))
    run(summary.plan(sanitizer_parts(out)), out, end - time_of_last, summary.record, jobs)
    run(summary.plan(last), out, end, summary.record)


def earlier_stages(folder: Path, about: dict) -> dict[str, dict]:
    """Of a run that was broken off, of the same build on the same GPU."""
    earlier = json.loads((folder / "summary.json").read_text())
    if earlier["dry_run"]:
        raise ValueError("found a dry run, expected a run that was broken off")
    for what, of in {"build": lambda at: at["build"], "GPU": lambda at: at["gpu"].get("name")}.items():
        if of(earlier["machine"]) != of(about):
            raise ValueError(f"found a run with {what} {of(earlier['machine'])}, expected {of(about)}")
    return earlier["stages"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="default: gpu-acceptance-<date>-<GPU>")
    parser.add_argument("--resume", type=Path, metavar="FOLDER", help="goes on with the run that was broken off there")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="sanitizers that run side by side (default: one a core)")
    parser.add_argument("--minutes", type=float, default=12, help="what has not ended by then is cut off, and not passed (default: 12)")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    if options.jobs < 1 or options.minutes <= 0:
        parser.error(f"found --jobs {options.jobs} --minutes {options.minutes}, expected at least 1, and more than 0")
    if options.resume and (options.out or options.dry_run):
        parser.error("found --resume with --out or --dry-run, expected it alone: it says where, and runs")
    end = time.monotonic() + 60 * options.minutes
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))

    about = machine()
    gpu = "-".join(about["gpu"].get("name", "no-gpu").split())
    out = (options.resume or options.out or Path(f"gpu-acceptance-{about['date'][:10]}-{gpu}")).resolve()
    if options.plan:
        print_plan(out, options.jobs)
        return 0
    stages = {}
    if options.resume:
        try:
            stages = earlier_stages(out, about)
        except (OSError, ValueError, KeyError) as why:
            print(f"{out}: {why}", file=sys.stderr)
            return 1
    elif out.exists() and any(out.iterdir()):
        print(f"{out}: not empty, expected a new folder, or --resume", file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)

    summary = Summary(out, about, options.dry_run, stages)
    if options.dry_run:
        dry_run(summary, out)
    else:
        real_run(summary, out, end, options.jobs)
    for name, tests in summary.cut_off.items():
        print(f"cut off: {name}", *tests)
    print(f"{'green' if summary.green else 'NOT green'}: {out}")
    return 0 if summary.green else 1


if __name__ == "__main__":
    sys.exit(main())
