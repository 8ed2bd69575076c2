"""A run that is broken off says what it lacks and goes on there; results that do not agree with the CPU's are caught."""

import copy
import gzip
import json
import stat
import struct
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tools" / "gpu-acceptance")]

import accept  # noqa: E402
import agreement  # noqa: E402
import parts  # noqa: E402
from parts import Part  # noqa: E402

TESTS = "Slow.\n  Walk\nQuick.\n  Run/0  # GetParam() = 1\n  Hop\nLongWay.\n  Home\n"


def write_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """What pack.sh lays out, of programs that only note that they ran."""
    here = tmp_path / "bundle"
    note = f'echo "$0 $*" >> {here}/ran\n'
    (here / "bench" / "peers").mkdir(parents=True)
    (here / "tests").write_text(TESTS)
    (here / "build.json").write_text('{"commit": "abc"}')
    write_program(here / "bin" / "test_cuda", f'case "$1" in --gtest_list_tests) cat {here}/tests;; *) {note};; esac')
    for program in ("bin/bench_cuda", "bin/pleura", "path/compute-sanitizer"):
        write_program(here / program, note)
    for script in ("agreement.py", "bench/pipeline.py"):
        (here / script).write_text(f"open({str(here / 'ran')!r}, 'a').write({script!r} + '\\n')")
    for module in (accept, parts):
        monkeypatch.setattr(module, "HERE", here)
    monkeypatch.setattr(parts, "has_torch", lambda: False)
    monkeypatch.setenv("PATH", str(here / "path"), prepend=":")
    return here


def call(monkeypatch, *arguments) -> int:
    monkeypatch.setattr(sys, "argv", ["accept.py", *map(str, arguments)])
    return accept.main()


def summary_of(folder: Path) -> dict:
    return json.loads((folder / "summary.json").read_text())


def test_all_parts_pass(bundle, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert call(monkeypatch, "--out", out, "--jobs", 2) == 0
    summary = summary_of(out)
    assert summary["green"] and summary["cut_off"] == {}
    assert summary["stages"]["networks"] == {"status": "absent"}  # PyTorch
    under = [result["command"] for name, result in summary["stages"].items() if name.startswith("memcheck-")]
    assert "Quick.Run/0" in " ".join(under) and "Slow.Walk" in " ".join(under)
    assert "LongWay" not in " ".join(under) and "Long" in summary["left_out"]


def test_a_dry_run_runs_nothing_and_misses_what_lacks(bundle, tmp_path, monkeypatch, capsys):
    (bundle / "phantom").mkdir()
    (bundle / "weights" / "demo").mkdir(parents=True)
    for file in ("phantom/ct.nii", "weights/demo/pleura-demo.h5", "programs/test_cuda"):
        write_program(bundle / file, "")
    assert call(monkeypatch, "--dry-run", "--out", tmp_path / "out") == 0
    ran = (bundle / "ran").read_text()
    assert "--tool" not in ran and "agreement.py" not in ran
    (bundle / "phantom" / "ct.nii").unlink()
    assert call(monkeypatch, "--dry-run", "--out", tmp_path / "again") == 1
    assert f"agreement: lacks {bundle}/phantom/ct.nii" in capsys.readouterr().err


def test_a_broken_off_run_is_resumed(bundle, tmp_path, monkeypatch, capsys):
    out, calls = tmp_path / "out", []

    def break_off(some, *others):
        calls.append(some)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return run(some, *others)

    run = accept.run
    monkeypatch.setattr(accept, "run", break_off)
    with pytest.raises(KeyboardInterrupt):
        call(monkeypatch, "--out", out)
    broken = summary_of(out)
    assert not broken["green"] and broken["stages"]["tests"]["status"] == "passed"
    assert broken["cut_off"]["bench"] == []
    shards = [tests for name, tests in broken["cut_off"].items() if name.startswith("racecheck-")]
    assert sorted(sum(shards, [])) == ["Quick.Hop", "Quick.Run/0", "Slow.Walk"]

    monkeypatch.setattr(accept, "run", run)
    assert call(monkeypatch, "--resume", out) == 0
    summary = summary_of(out)
    assert summary["green"] and summary["cut_off"] == {}
    ran = (bundle / "ran").read_text().splitlines()
    assert sum("bin/test_cuda" in line and "compute-sanitizer" not in line for line in ran) == 1
    assert ran.count("agreement.py") == ran.count("bench/pipeline.py") == 1
    assert sum("compute-sanitizer --tool" in line for line in ran) == 12

    (bundle / "build.json").write_text('{"commit": "def"}')
    assert call(monkeypatch, "--resume", out) == 1
    assert "expected {'commit': 'def'}" in capsys.readouterr().err


def test_a_resumed_run_repeats_what_failed_in_no_part(bundle, tmp_path, monkeypatch):
    out = tmp_path / "out"
    write_program(bundle / "bin" / "bench_cuda", "exit 3\n")
    assert call(monkeypatch, "--out", out) == 1
    write_program(bundle / "bin" / "bench_cuda", "exit 0\n")
    assert call(monkeypatch, "--resume", out) == 1
    assert summary_of(out)["stages"]["bench"]["status"] == "failed"


def test_a_part_whose_program_does_not_start_has_failed(tmp_path):
    results = {}
    some = [Part("tests", 1, [str(tmp_path / "missing")]), Part("bench", 1, ["/bin/true"])]
    accept.run(some, tmp_path, time.monotonic() + 60, results.__setitem__)
    assert {name: result["status"] for name, result in results.items()} == {"tests": "failed", "bench": "passed"}
    assert "No such file" in (tmp_path / "tests.log").read_text()


def test_what_is_cut_off_names_the_tests_that_it_lacks(tmp_path):
    script = "echo '[       OK ] Quick.Hop (3 ms)'; exec sleep 600"
    slow = Part("memcheck-0", 1, ["/bin/sh", "-c", script], tests=("Quick.Hop", "Slow.Walk"))
    waits = Part("memcheck-1", 1, ["/bin/true"], tests=("Quick.Run/0",))
    summary = accept.Summary(tmp_path, {}, False, {})
    accept.run(summary.plan([slow, waits]), tmp_path, time.monotonic() + 3, summary.record)
    assert summary_of(tmp_path)["cut_off"] == {"memcheck-0": ["Slow.Walk"], "memcheck-1": ["Quick.Run/0"]}
    assert summary.stages["memcheck-0"]["status"] == "cut off"


def test_shards_hold_each_test_once_and_take_about_as_long():
    seconds = {f"Suite.Test{i}": 0.1 for i in range(40)} | {"Suite.Slow": 3.0, "LongSuite.Test": 9.0}
    shards = parts.shards_of(seconds)
    assert sorted(sum(shards, ())) == sorted(set(seconds) - {"LongSuite.Test"})
    assert shards[-1] == ("Suite.Slow",)
    assert {len(shard) for shard in shards[:-1]} == {5, 6}


def screening() -> dict:
    probabilities = {"covid19": 0.9, "influenza_a": 0.06, "irrelevant": 0.04}
    votes = [{"slice": slice_, "probabilities": dict(probabilities)} for slice_ in (4, 5, 6)]
    box = {"low": [1.0, 2.0, 3.0], "high": [11.0, 12.0, 13.0]}
    region = {"label": "covid19", "confidence": 0.9, "box_mm": box, "votes": votes}
    return {"case": {"result": "covid19", "p_infection": 0.97}, "regions": [region], "run": {"device": "cuda:0"}}


MASK = struct.pack("<108xf240x", 352.0) + bytes([0, 1, 2, 0])


@pytest.fixture
def screenings(tmp_path, monkeypatch):
    """A pleura whose results lie in a folder each; call() runs agreement.py."""
    for which in ("cpu-fp32", "cuda-fp32", "cuda-fp16"):
        (tmp_path / which).mkdir()
        (tmp_path / which / "result.json").write_text(json.dumps(screening()))
        (tmp_path / which / "lungs.nii.gz").write_bytes(gzip.compress(MASK))
    # pleura screen CT --weights W --out O --save-masks --json - --device D --precision P
    write_program(tmp_path / "pleura", f'cp -r "{tmp_path}/${{11}}-${{13}}" "$6" && cat "$6/result.json"\n')

    def call() -> int:
        out = str(tmp_path / "agreement.json")
        monkeypatch.setattr(sys, "argv", ["agreement.py", "ct", "weights", "--pleura", str(tmp_path / "pleura"), "--out", out])
        return agreement.main()

    return call


def test_the_same_results_agree(screenings, tmp_path):
    assert screenings() == 0
    rows = json.loads((tmp_path / "agreement.json").read_text())
    assert [(row["precision"], row["probabilities_differ_by"], row["lung_voxels"]) for row in rows] == [("fp32", 0, 2), ("fp16", 0, 2)]


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_mask_that_differs_in_a_voxel_is_caught(screenings, tmp_path, capsys, precision):
    (tmp_path / f"cuda-{precision}" / "lungs.nii.gz").write_bytes(gzip.compress(MASK[:-3] + bytes([2, 2, 0])))
    assert screenings() == 1
    assert f"{precision}: lungs.nii.gz: 1 voxels differ" in capsys.readouterr().err


def set_at(value: dict, path: list, new) -> dict:
    result = at = copy.deepcopy(value)
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return result


@pytest.mark.parametrize(
    ("precision", "path", "value", "says"),
    [
        ("fp32", ["case", "p_infection"], 0.97 + 9e-5, ""),
        ("fp32", ["case", "p_infection"], 0.97 + 2e-4, "case.p_infection"),
        ("fp16", ["case", "p_infection"], 0.97 + 4e-3, ""),
        ("fp16", ["case", "p_infection"], 0.97 + 6e-3, "case.p_infection"),
        ("fp32", ["regions", 0, "votes", 2, "probabilities", "irrelevant"], 0.0402, "regions[0].votes[2].irrelevant"),
        ("fp16", ["regions", 0, "confidence"], None, "regions[0].confidence: None"),
        ("fp32", ["regions", 0, "box_mm", "low", 1], 2.02, "regions[0].box_mm.low[1]"),
        ("fp32", ["regions", 0, "votes", 0, "slice"], 3, "case, labels and slices"),
        ("fp16", ["regions", 0, "label"], "influenza_a", "case, labels and slices"),
        ("fp32", ["case", "result"], "influenza_a", "case, labels and slices"),
        ("fp32", ["regions"], [], "case, labels and slices"),
        ("fp16", ["run", "device"], "cpu", "ran on cpu"),
    ],
)
def test_a_result_beyond_its_bound_is_caught(screenings, tmp_path, capsys, precision, path, value, says):
    (tmp_path / f"cuda-{precision}" / "result.json").write_text(json.dumps(set_at(screening(), path, value)))
    assert screenings() == (1 if says else 0)
    assert not says or f"{precision}: {says}" in capsys.readouterr().err


def test_a_cpu_that_finds_nothing_proves_nothing(screenings, tmp_path, capsys):
    for which in ("cpu-fp32", "cuda-fp32", "cuda-fp16"):
        (tmp_path / which / "result.json").write_text(json.dumps(set_at(screening(), ["regions"], [])))
    assert screenings() == 1
    assert "finds no region" in capsys.readouterr().err
