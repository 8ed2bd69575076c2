"""The parts of an acceptance run in their order: what each runs, and about how long."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Long... are whole networks and engines at full width: hours under a sanitizer, and smaller tests reach the same kernels.
LEFT_OUT = "Long"
SHARDS = 8  # of each sanitizer's run
# Of each sanitizer over all shards together, one after the other. In the order of what they are worth.
SANITIZERS = {"memcheck": 400, "racecheck": 550, "initcheck": 480, "synccheck": 400}
STARTING = 8  # seconds of a process under a sanitizer before its first test


@dataclass(frozen=True)
class Part:
    name: str
    seconds: int  # on an H200 with 16 cores
    command: list[str] | None  # None where its program is absent
    may_be_absent: bool = False
    tests: tuple[str, ...] = ()  # that it runs, of a sanitizer's shard
    environment: dict[str, str] = field(default_factory=dict)  # beside the caller's


def find_sanitizer() -> str | None:
    usual = [Path(p) / "bin" for p in (os.environ.get("CUDA_HOME", ""), "/usr/local/cuda") if p]
    return shutil.which("compute-sanitizer", path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, usual)]))


def has_torch() -> bool:
    command = [sys.executable, "-c", "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 1)"]
    return subprocess.run(command, capture_output=True).returncode == 0


def first_parts(out: Path) -> list[Part]:
    """Each has the GPU for itself: is it right, and how fast is a CT."""
    ct, weights, pleura = str(HERE / "phantom/ct.nii"), str(HERE / "weights/demo/pleura-demo.h5"), ["--pleura", str(HERE / "bin/pleura")]
    pipeline = [sys.executable, str(HERE / "bench/pipeline.py"), ct, weights, *pleura, "--out", str(out / "pipeline.json")]
    pipeline += ["--device", "cuda", "--precisions", "fp32", "fp16", "--runs", "10", "--warm"]
    return [
        Part("tests", 25, [str(HERE / "bin/test_cuda"), f"--gtest_output=json:{out / 'tests.json'}"]),
        Part("agreement", 15, [sys.executable, str(HERE / "agreement.py"), ct, weights, *pleura, "--out", str(out / "agreement.json")]),
        Part("pipeline", 45, pipeline),
        Part("volumes", 40, [*bench(out, "volumes"), "--benchmark_filter=^volumes/", ct]),
    ]


def bench(out: Path, name: str) -> list[str]:
    command = [str(HERE / "bin/bench_cuda"), f"--benchmark_out={out / name}.json", "--benchmark_out_format=json"]
    return [*command, "--benchmark_min_time=0.05", "--benchmark_report_aggregates_only=true"]


def last_parts(out: Path) -> list[Part]:
    """Each has the GPU for itself: networks and layers, beside PyTorch where it is there."""
    torch = has_torch()
    networks = [sys.executable, str(HERE / "bench/peers/compare.py"), "--device", "cuda", "--programs", str(HERE / "bin")]
    networks += ["--side", "144", "--rounds", "9", "--out", str(out / "networks.json")]
    cudnn = [sys.executable, str(HERE / "cudnn.py"), str(out / "bench.json"), str(out / "cudnn.csv")]
    return [
        Part("networks", 170, networks if torch else None, may_be_absent=True),
        Part("bench", 45, bench(out, "bench")),
        Part("cudnn", 25, cudnn if torch else None, may_be_absent=True),
    ]


def test_seconds(tests_json: Path) -> dict[str, float]:
    """What each test took without a sanitizer, as far as that is known; the names are those of the program's list."""
    listed = subprocess.run([str(HERE / "bin/test_cuda"), "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    seconds, suite = {}, ""
    for line in listed.splitlines():
        name = line.split("#")[0].strip()
        if line.startswith("  "):
            seconds[suite + name] = 0.0
        elif name.endswith("."):
            suite = name
    try:
        suites = json.loads(tests_json.read_text())["testsuites"]
    except (OSError, ValueError, KeyError):  # the tests were cut off, or crashed
        suites = []
    for test in (test for suite in suites for test in suite["testsuite"]):
        if (name := f"{test['classname']}.{test['name']}") in seconds:
            seconds[name] = float(test["time"].rstrip("s"))
    return seconds


def shards_of(seconds: dict[str, float]) -> list[tuple[str, ...]]:
    """All tests but the long ones, in groups of about equal time, the shortest group first: the longest tests go to the emptiest."""
    some = 0.02  # of every test: its kernels are instrumented as they are first launched
    groups: list[list[str]] = [[] for _ in range(SHARDS)]
    load = [0.0] * SHARDS
    for name in sorted((name for name in seconds if not name.startswith(LEFT_OUT)), key=lambda name: (-seconds[name], name)):
        emptiest = load.index(min(load))
        groups[emptiest].append(name)
        load[emptiest] += seconds[name] + some
    return [tuple(groups[i]) for i in sorted(range(SHARDS), key=load.__getitem__) if groups[i]]


def sanitizer_parts(out: Path) -> list[Part]:
    """compute-sanitizer over all tests but the long ones, in shards that may run side by side: the shortest of each tool, then the next."""
    sanitizer = find_sanitizer()
    seconds = test_seconds(out / "tests.json")
    shards = shards_of(seconds)
    parts = []
    for number, tests in enumerate(shards):
        for tool, expected in SANITIZERS.items():
            name = f"{tool}-{number}"
            command = [sanitizer or "", "--tool", tool, "--error-exitcode", "9", "--log-file", str(out / f"{name}.txt")]
            # Tests of failures make calls of the runtime fail on purpose.
            command += ["--report-api-errors", "no"] if tool == "memcheck" else []
            command += [str(HERE / "programs/test_cuda"), "--gtest_filter=" + ":".join(tests)]
            ours = {"PLEURA_TEST_DATA": str(HERE / "data"), "LD_LIBRARY_PATH": str(HERE / "lib"), "OMP_WAIT_POLICY": "passive"}
            parts.append(Part(name, STARTING + expected // len(shards), command if sanitizer else None, tests=tests, environment=ours))
    return parts
