#!/usr/bin/env python3
"""Runs pleura's CUDA tests, compute-sanitizer and benchmarks on this machine's GPU and writes one folder of results.

    accept.py [--out FOLDER] [--dry-run]

Stands beside bin/ and data/, as pack.sh lays them out; needs Python 3.9 and the driver, no network. compute-sanitizer is looked for in
PATH and in CUDA's usual place, PyTorch in this Python: what is absent is named in summary.json. Exits with 0 where all that must run
ran and passed (PyTorch may be absent), with 1 where something failed or could not run. --dry-run runs nothing on a GPU: it checks that
all is there and that the programs start, and writes the commands.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
# Whole networks are left out: each kernel's own tests reach the same code in a hundredth of the time.
REDUCED = "--gtest_filter=-*Network*"


def find_sanitizer() -> str | None:
    usual = [Path(p) / "bin" for p in (os.environ.get("CUDA_HOME", ""), "/usr/local/cuda") if p]
    return shutil.which("compute-sanitizer", path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, usual)]))


def has_torch() -> bool:
    command = [sys.executable, "-c", "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 1)"]
    return subprocess.run(command, capture_output=True).returncode == 0


def stages(out: Path) -> list[tuple[str, list[str] | None]]:
    """Name and command of each stage; no command where its program is absent."""
    tests, sanitizer = str(HERE / "bin/test_cuda"), find_sanitizer()
    result: list[tuple[str, list[str] | None]] = [("tests", [tests, f"--gtest_output=json:{out / 'tests.json'}"])]
    for tool in TOOLS:
        command = [sanitizer or "", "--tool", tool, "--error-exitcode", "9", "--log-file", str(out / f"{tool}.txt")]
        # Tests of failures make calls of the runtime fail on purpose.
        command += ["--report-api-errors", "no"] if tool == "memcheck" else []
        result.append((tool, [*command, tests, REDUCED, "--gtest_brief=1"] if sanitizer else None))
    bench = [str(HERE / "bin/bench_cuda"), f"--benchmark_out={out / 'bench.json'}", "--benchmark_out_format=json"]
    result.append(("bench", bench))
    cudnn = [sys.executable, str(HERE / "cudnn.py"), str(out / "bench.json"), str(out / "cudnn.csv")]
    result.append(("cudnn", cudnn if has_torch() else None))
    return result


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
        "gpu": gpu, "kernel": platform.release(), "cpu": platform.processor() or platform.machine(), "python": platform.python_version(),
        "build": json.loads((HERE / "build.json").read_text()),
        "compute_sanitizer": text_of([sanitizer, "--version"]).splitlines()[-1:] if sanitizer else None,
    }


def run(name: str, command: list[str], out: Path, environment: dict[str, str]) -> dict:
    start = time.monotonic()
    with (out / f"{name}.log").open("w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, env=environment).returncode
    return {"status": "passed" if code == 0 else "failed", "exit": code, "seconds": round(time.monotonic() - start, 1), "command": command}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="default: gpu-acceptance-<date>-<GPU>")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()

    ours = os.environ | {"PLEURA_TEST_DATA": str(HERE / "data"), "LD_LIBRARY_PATH": str(HERE / "lib")}
    about = machine()
    gpu = "-".join(about["gpu"].get("name", "no-gpu").split())
    out = (options.out or Path(f"gpu-acceptance-{about['date'][:10]}-{gpu}")).resolve()
    if out.exists() and any(out.iterdir()):
        print(f"{out}: not empty, expected a new folder", file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)

    results = {}
    for name, command in stages(out):
        if options.dry_run:
            results[name] = {"status": "dry run" if command else "absent", "command": command}
        elif command is None:
            results[name] = {"status": "absent"}
        else:
            print(f"{name} ...", end=" ", flush=True)
            results[name] = run(name, command, out, dict(os.environ) if name == "cudnn" else ours)
            print(results[name]["status"], f"{results[name]['seconds']} s")
    if options.dry_run:  # the programs start, find their libraries and know their options
        for program, option in (("test_cuda", "--gtest_list_tests"), ("bench_cuda", "--benchmark_list_tests=true")):
            results[f"{program} starts"] = run(program, [str(HERE / "bin" / program), option], out, ours)
    must = [name for name in results if name != "cudnn" and not (options.dry_run and name in TOOLS)]
    green = all(results[name]["status"] in ("passed", "dry run") for name in must)
    (out / "summary.json").write_text(json.dumps({"green": green, "dry_run": options.dry_run, "machine": about, "stages": results}, indent=1) + "\n")
    for name, result in results.items():
        print(f"{name:12} {result['status']}")
    print(f"{'green' if green else 'NOT green'}: {out}")
    return 0 if green else 1


if __name__ == "__main__":
    sys.exit(main())
