"""Running the `pleura` command over many cases."""

import argparse
import os
import subprocess
from pathlib import Path


def add_pleura(parser: argparse.ArgumentParser) -> None:
    build = Path(os.environ.get("PLEURA_BUILD", "build/release"))
    parser.add_argument("--pleura", type=Path, default=build / "bin" / "pleura", help="the command (%(default)s)")


def run(pleura: Path, *arguments, check: bool = True) -> subprocess.CompletedProcess:
    """Runs `pleura ARGUMENTS`; raises with its own message where it fails."""
    done = subprocess.run([pleura, *map(str, arguments)], capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"pleura {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done


def ct_of(folder: Path) -> Path:
    """The CT of a case folder: ct (a folder, a file or a link), ct.nii.gz, ..."""
    found = sorted(folder.glob("ct")) + sorted(folder.glob("ct.*"))
    if not found:
        raise SystemExit(f"{folder} holds no ct, ct.nii.gz or the like")
    return found[0]
