#!/usr/bin/env python3
"""Runs pleura's CUDA tests, compute-sanitizer and benchmarks on this machine's GPU and writes one folder of results.

    accept.py [--out FOLDER] [--jobs N] [--minutes M] [--dry-run]

Stands beside bin/ and data/, as pack.sh lays them out; needs Python 3.9 and the driver, no network. compute-sanitizer is looked for in
PATH and in CUDA's usual place, PyTorch in this Python: what is absent is named in summary.json. Exits with 0 where all that must run
ran and passed (PyTorch may be absent), with 1 where something failed or could not run. --dry-run runs nothing on a GPU: it checks that
all is there and that the programs start, and writes the commands.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import datetime
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "bench"), str(HERE.parent.parent / "bench")]  # packed, and in the source tree

from figures import Unsound, read_figures  # noqa: E402

TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
# Whole networks are left out: each kernel's own tests reach the same code in a hundredth of the time.
REDUCED = "--gtest_filter=-*Network*"
PHANTOM = "phantom"  # its folder in the results is removed again


def find_sanitizer() -> str | None:
    usual = [Path(p) / "bin" for p in (os.environ.get("CUDA_HOME", ""), "/usr/local/cuda") if p]
    return shutil.which("compute-sanitizer", path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, usual)]))


def has_torch() -> bool:
    command = [sys.executable, "-c", "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 1)"]
    return subprocess.run(command, capture_output=True).returncode == 0


Stage = tuple[str, "list[str] | None"]  # name and command; no command where its program is absent


def stages(out: Path) -> list[Stage]:
    """What is to have the GPU for itself, in this order."""
    tests, torch, phantom = str(HERE / "bin/test_cuda"), has_torch(), out / PHANTOM
    bench = [str(HERE / "bin/bench_cuda"), f"--benchmark_out={out / 'bench.json'}", "--benchmark_out_format=json"]
    bench += ["--benchmark_min_time=0.05", "--benchmark_report_aggregates_only=true"]
    cudnn = [sys.executable, str(HERE / "cudnn.py"), str(out / "bench.json"), str(out / "cudnn.csv")]
    networks = [sys.executable, str(HERE / "bench/peers/compare.py"), "--device", "cuda", "--programs", str(HERE / "bin")]
    networks += ["--side", "144", "--rounds", "9", "--out", str(out / "networks.json")]
    pipeline = [sys.executable, str(HERE / "bench/pipeline.py"), str(phantom / "ct.nii.gz"), str(HERE / "weights/demo/pleura-demo.h5")]
    pipeline += ["--pleura", str(HERE / "bin/pleura"), "--out", str(out / "pipeline.json"), "--device", "cuda", "--precisions", "fp32", "fp16"]
    return [
        ("tests", [tests, f"--gtest_output=json:{out / 'tests.json'}"]),
        ("phantom", [str(HERE / "bin/pleura"), "phantom", "--seed", "7", "--slices", "70", "--format", "nifti", "--out", str(phantom)]),
        ("pipeline", pipeline),
        ("networks", networks if torch else None),
        ("bench", bench),
        ("cudnn", cudnn if torch else None),
    ]


def sanitizer_stages(out: Path, jobs: int) -> list[Stage]:
    """Each tool over all tests but whole networks, cut into `jobs` parts; they may run side by side."""
    sanitizer, result = find_sanitizer(), []
    for tool in TOOLS:
        for job in range(jobs):
            name = f"{tool}-{job}"
            command = [sanitizer or "", "--tool", tool, "--error-exitcode", "9", "--log-file", str(out / f"{name}.txt")]
            # Tests of failures make calls of the runtime fail on purpose.
            command += ["--report-api-errors", "no"] if tool == "memcheck" else []
            command += [str(HERE / "programs/test_cuda"), REDUCED]
            result.append((name, command if sanitizer else None))
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


def run_sanitizers(out: Path, jobs: int, end: float, results: dict) -> None:
    """All side by side; then joins each tool's logs to one."""
    ours = os.environ | {"PLEURA_TEST_DATA": str(HERE / "data"), "LD_LIBRARY_PATH": str(HERE / "lib")}
    with concurrent.futures.ThreadPoolExecutor(len(TOOLS) * jobs) as pool:
        running = {}
        for name, command in sanitizer_stages(out, jobs):
            if command is None:
                results[name] = {"status": "absent"}
                continue
            shard = {"GTEST_TOTAL_SHARDS": str(jobs), "GTEST_SHARD_INDEX": name.split("-")[1]}
            running[name] = pool.submit(run, name, command, out, end, ours | shard)
        for name, future in running.items():
            results[name] = future.result()
            print(name, results[name]["status"], f"{results[name]['seconds']} s", flush=True)
    for tool in TOOLS:
        for kind in ("txt", "log"):
            parts = [part for job in range(jobs) if (part := out / f"{tool}-{job}.{kind}").exists()]
            if parts:
                (out / f"{tool}.{kind}").write_bytes(b"".join(part.read_bytes() for part in parts))
            for part in parts:
                part.unlink()


def shown(command: list[str], out: Path) -> str:
    """A command as another machine could run it."""
    text = " ".join(command).replace(f"{HERE}/", "").replace(str(out), "results")
    return text.replace(command[0], Path(command[0]).name, 1) if Path(command[0]).is_absolute() else text


def unsound(file: Path) -> str:
    """Why the figures of a stage are none; empty where they are, or where it writes no JSON."""
    if not file.exists():
        return ""
    try:
        figures = read_figures(file.read_text())
    except (Unsound, ValueError) as why:
        return str(why)
    benchmarks = figures.get("benchmarks", []) if isinstance(figures, dict) else []
    failed = [benchmark["name"] for benchmark in benchmarks if benchmark.get("error_occurred")]
    return f"failed: {', '.join(failed)}" if failed else ""


def run(name: str, command: list[str], out: Path, end: float, environment: dict[str, str] | None = None) -> dict:
    """Ends it with all that it started where `end` comes first."""
    start = time.monotonic()
    with (out / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
        try:
            code = process.wait(max(1.0, end - start))
            why = unsound(out / f"{name}.json")
            status = "passed" if code == 0 and not why else "failed"
            if why:
                print(f"{name}: {name}.json: {why}", file=log)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code, status = process.wait(), "cut off"
    return {"status": status, "exit": code, "seconds": round(time.monotonic() - start, 1), "command": shown(command, out)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="default: gpu-acceptance-<date>-<GPU>")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) // 4), help="parts that each sanitizer's run is cut into")
    parser.add_argument("--minutes", type=float, default=120, help="what has not ended by then is cut off, and not passed")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    if options.jobs < 1 or options.minutes <= 0:
        parser.error(f"found --jobs {options.jobs} --minutes {options.minutes}, expected at least 1, and more than 0")
    end = time.monotonic() + 60 * options.minutes

    about = machine()
    gpu = "-".join(about["gpu"].get("name", "no-gpu").split())
    out = (options.out or Path(f"gpu-acceptance-{about['date'][:10]}-{gpu}")).resolve()
    if out.exists() and any(out.iterdir()):
        print(f"{out}: not empty, expected a new folder", file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)

    results = {}
    if options.dry_run:
        for name, command in [*stages(out), *sanitizer_stages(out, options.jobs)]:
            results[name] = {"status": "dry run" if command else "absent", "command": shown(command, out) if command else None}
        # The programs start and find their libraries; what bench_cuda could run depends on the GPU.
        options_of = {"test_cuda": "--gtest_list_tests", "bench_cuda": "--help", "pleura": "--version"}
        for program, option in options_of.items():
            results[f"{program} starts"] = run(program, [str(HERE / "bin" / program), option], out, end)
    else:
        for name, command in stages(out):
            if command is None:
                results[name] = {"status": "absent"}
                continue
            print(f"{name} ...", end=" ", flush=True)
            results[name] = run(name, command, out, end)
            print(results[name]["status"], f"{results[name]['seconds']} s", flush=True)
        shutil.rmtree(out / PHANTOM, ignore_errors=True)
        run_sanitizers(out, options.jobs, end, results)
    may_lack = ("cudnn", "networks") + (tuple(name for name in results if name.split("-")[0] in TOOLS) if options.dry_run else ())
    must = [name for name in results if name not in may_lack]
    green = all(results[name]["status"] in ("passed", "dry run") for name in must)
    (out / "summary.json").write_text(json.dumps({"green": green, "dry_run": options.dry_run, "machine": about, "stages": results}, indent=1) + "\n")
    for name, result in results.items():
        print(f"{name:16} {result['status']}")
    print(f"{'green' if green else 'NOT green'}: {out}")
    return 0 if green else 1


if __name__ == "__main__":
    sys.exit(main())
