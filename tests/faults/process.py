"""Runs one process under a watchdog, with calls of it struck by the preloaded libraries."""

from __future__ import annotations

import errno
import os
import signal
import struct
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# In the order of strike.h.
KINDS = ("write", "open", "close", "sync", "rename", "mkdir", "read", "map", "unlink", "list", "stat", "allocation")
ERRNO = {"write": errno.ENOSPC, "open": errno.EMFILE, "mkdir": errno.ENOSPC, "unlink": errno.EACCES, "map": errno.ENOMEM,
         "allocation": errno.ENOMEM}  # all else: EIO
WATCHDOG = 30  # seconds


@dataclass(frozen=True)
class Strike:
    """Which call is struck: the at-th of a kind on files below some paths, or of at least so many bytes. `signal` comes in place of
    a failure."""

    kind: str
    at: int
    lasting: bool = False
    below: tuple[Path, ...] = ()
    least: int = 0
    signal: int = 0

    @property
    def hinders_removal(self) -> bool:
        """Whether what was begun cannot be removed either: it must be listed for that, which takes memory."""
        lasting = self.kind in ("open", "list", "allocation") and self.lasting
        return self.signal == 0 and (self.kind == "unlink" or lasting)

    def __str__(self) -> str:
        return f"{self.kind} {self.at}{' and on' if self.lasting else ''}"


@dataclass
class Outcome:
    code: int  # -N: a signal N ended it
    out: str
    err: str
    seconds: float
    hung: bool = False
    calls: dict[str, int] = field(default_factory=dict)
    struck: int = 0
    trace: list[str] = field(default_factory=list)  # the stack of the call struck, innermost first


def plain_environment() -> dict[str, str]:
    """Of a run without a strike. Idle threads leave the cores to other trials."""
    outer = {k: v for k, v in os.environ.items() if not k.startswith(("PLEURA_FAULT", "LD_PRELOAD"))}
    return outer | {"OMP_WAIT_POLICY": "passive"}


def environment(build: Path, strike: Strike | None, below: tuple[Path, ...], least: int, work: Path) -> dict[str, str]:
    (work / "counts").write_bytes(bytes(16 * len(KINDS)))
    (work / "trace").write_bytes(b"")
    library = "allocations" if (strike.kind == "allocation" if strike else least > 0) else "calls"
    variables = {"LD_PRELOAD": str(build / "lib" / f"libfault_{library}.so"), "PLEURA_FAULT_COUNTS": str(work / "counts"),
                 "PLEURA_FAULT_TRACE": str(work / "trace")}
    if strike:
        below, least = strike.below, strike.least
        variables |= {"PLEURA_FAULT_KIND": str(KINDS.index(strike.kind)), "PLEURA_FAULT_AT": str(strike.at)}
        variables["PLEURA_FAULT_ERRNO"] = str(ERRNO.get(strike.kind, errno.EIO))
        variables |= {"PLEURA_FAULT_LASTING": "1"} if strike.lasting else {}
        variables |= {"PLEURA_FAULT_SIGNAL": str(int(strike.signal))} if strike.signal else {}
    variables |= {"PLEURA_FAULT_BELOW": ":".join(map(str, below))} if below else {}
    return variables | {"PLEURA_FAULT_LEAST": str(least)}


def stopped(process: subprocess.Popen) -> bool:
    """Whether it stands still by SIGSTOP."""
    try:
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except (OSError, IndexError):
        return False


def run(arguments: list, build: Path, work: Path, strike: Strike | None = None, counting: tuple[tuple[Path, ...], int] | None = None,
        before_exec: Callable[[], None] | None = None, meanwhile: Callable[[subprocess.Popen], None] | None = None,
        watchdog: float = WATCHDOG) -> Outcome:
    """Runs a command in `work`, which gets counts and trace. `counting`: no strike, calls below some paths or allocations of some
    least size are counted. `meanwhile` runs beside it; a process that a strike has stopped goes on afterwards."""
    variables = plain_environment()
    if strike or counting:
        variables |= environment(build, strike, *(counting or ((), 0)), work)
    start = time.monotonic()
    with open(work / "stdout", "w+b") as out, open(work / "stderr", "w+b") as err:
        process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=work,
                                   env=variables, preexec_fn=before_exec, start_new_session=True)
        hung = False
        try:
            if meanwhile:
                meanwhile(process)
                process.send_signal(signal.SIGCONT)
            process.wait(watchdog)
        except subprocess.TimeoutExpired:
            hung = True
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # it may have forked
                process.wait()
        texts = [(work / name).read_text(errors="replace") for name in ("stdout", "stderr")]
    outcome = Outcome(process.returncode, *texts, time.monotonic() - start, hung)
    if strike or counting:
        counts = struct.unpack(f"{2 * len(KINDS)}Q", (work / "counts").read_bytes())
        outcome.calls = dict(zip(KINDS, counts[0::2], strict=True))
        outcome.struck = sum(counts[1::2])
        outcome.trace = (work / "trace").read_text(errors="replace").splitlines()
    return outcome


def until_stopped(process: subprocess.Popen) -> bool:
    """Waits until a strike has stopped it; False where it ended before."""
    while process.poll() is None:
        if stopped(process):
            return True
        time.sleep(0.002)
    return False
