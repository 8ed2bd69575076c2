"""`pleura serve`: a soak, and clients that never read, ask nonsense and go away meanwhile."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import process
from trial import Bench, Result, Test, Trial, exit_faults

SOAK = 1000
FLAT_KB = 4096  # what the resident memory may grow by after the first tenth


def tests(bench: Bench, wanted: Callable[[str], bool]) -> Iterator[Test]:
    yield Test("serve: soak", "", soak(bench, 50 if bench.reduced else SOAK))


def connected(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(process.WATCHDOG)
    client.connect(str(path))
    return client


def usage(pid: int) -> tuple[int, int]:
    """Resident KB and open files."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]), len(os.listdir(f"/proc/{pid}/fd"))


def ask(bench: Bench, path: Path, pid: int, times: int) -> list[str]:
    """One client asks again and again, with the next request ahead of each answer; others do what they should not."""
    used, nonsense = [], ["{", "x" * 100_000, "[" * 30_000, "/absent", '{"ct": 1}']
    deaf = connected(path)
    deaf.sendall(b"/absent\n" * 20)
    with connected(path) as client, client.makefile("rb") as answers:
        for i in range(times + 1):
            if i < times:
                client.sendall(json.dumps({"ct": str(bench.inputs.nifti), "id": i, "out": "out"}).encode() + b"\n")
                with connected(path) as hasty:
                    hasty.sendall(nonsense[i % len(nonsense)].encode() + b"\n")
            if i > 0:
                answer = json.loads(answers.readline())
                if (answer["id"], answer["status"]) != (i - 1, "done"):
                    return [f"request {i - 1} is answered {str(answer)[:160]}"]
                used.append(usage(pid))
    deaf.close()
    memory, files = zip(*used, strict=True)
    more = min(memory[-5:]) - max(memory[: max(times // 10, 10)])  # the least: a CT that is read ahead comes and goes
    grown = [f"{more} KB more than at first"] if more > FLAT_KB else []
    return grown + ([f"{min(files[-5:])} open files, {max(files[:10])} at first"] if min(files[-5:]) > max(files[:10]) else [])


def soak(bench: Bench, times: int) -> Callable[[Path], Result]:
    """Memory and open files stay as they are, each request is answered in order, SIGTERM ends it well."""

    def attempt(work: Path) -> Result:
        trial, faults = Trial(bench, bench.commands["screen NIfTI"], work), []
        path = work / "socket"
        line = [bench.inputs.build / "bin/pleura", "serve", bench.inputs.weights, "--socket", path, "--out", trial.place]

        def meanwhile(running: subprocess.Popen) -> None:
            while running.poll() is None and "ready" not in (work / "stderr").read_text():
                time.sleep(0.02)
            faults.extend(ask(bench, path, running.pid, times))
            running.send_signal(signal.SIGTERM)

        outcome = process.run([*line, "--max-regions", "2", "--no-pictures"], bench.inputs.build, work, meanwhile=meanwhile)
        said = outcome.err.splitlines() == ["pleura: ready"] and outcome.out == ""
        faults += [] if outcome.code == 0 and said else exit_faults(outcome, {0}) or ["it says more than that it is ready"]
        return faults + (["the socket is left behind"] if path.exists() else [])

    return attempt
