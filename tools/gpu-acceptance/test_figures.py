"""Outputs that are not finite, or do not agree, make no figure: each program that publishes one is given some."""

import json
import stat
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "peers"), str(ROOT / "tools" / "gpu-acceptance")]

import accept  # noqa: E402
import figures  # noqa: E402
import pipeline  # noqa: E402
from parts import Part  # noqa: E402


@pytest.mark.parametrize("planted", [np.nan, np.inf, -np.inf])
def test_outputs_are_finite_and_not_all_zero(planted):
    output = np.ones(8, np.float32)
    figures.require_outputs("ours", output)
    output[3] = planted
    with pytest.raises(figures.Unsound, match="ours: its output is not finite"):
        figures.require_outputs("ours", output)
    with pytest.raises(figures.Unsound, match="all zeros"):
        figures.require_outputs("ours", np.zeros(8, np.float32))


@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
def test_differences_keep_their_bound(precision):
    bound = figures.MOST_DIFFERENCE[precision]
    figures.require_agreement("peer", bound, precision)
    for difference in (1.01 * bound, float("inf"), float("nan")):
        with pytest.raises(figures.Unsound, match="peer: logits differ"):
            figures.require_agreement("peer", difference, precision)


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ('[{"difference": 1e-6}]', "passed"),
        ('[{"difference": NaN}]', "failed"),
        ('[{"seconds": Infinity}]', "failed"),
        ('[{"difference": 1e-6}', "failed"),
        ('{"benchmarks": [{"name": "down1", "real_time": 1}]}', "passed"),
        ('{"benchmarks": [{"name": "down1", "error_occurred": true, "error_message": "the output is not finite"}]}', "failed"),
    ],
)
def test_a_stage_with_unsound_figures_has_failed(tmp_path, written, status):
    command = [sys.executable, "-c", f"open({str(tmp_path / 'networks.json')!r}, 'w').write({written!r})"]
    results = {}
    accept.run([Part("networks", 1, command)], tmp_path, time.monotonic() + 60, results.__setitem__)
    assert results["networks"]["status"] == status


@pytest.mark.parametrize(("regions", "sound"), [([{"confidence": 0.5}], True), ([{"confidence": None}], False), ([], False)])
def test_the_pipeline_has_classified_regions(tmp_path, regions, sound):
    stages = [{"name": name, "seconds": 0.1} for name in ("read", "weights", "segmenter", "classifier")]
    program = tmp_path / "pleura"
    program.write_text(f"#!/bin/sh\necho '{json.dumps({'stages': stages, 'run': {}, 'regions': regions})}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    call = lambda: pipeline.screen(program, tmp_path, tmp_path, "fp32", "cpu", tmp_path)  # noqa: E731
    if sound:
        assert call()["regions"] == 1
    else:
        with pytest.raises(SystemExit, match="expected regions"):
            call()


def test_warm_stages_are_those_of_all_runs_but_the_first(tmp_path):
    lines = [{"stages": [{"name": "lungs", "seconds": seconds}], "regions": [{"confidence": 0.5}]} for seconds in (9, 1, 3, 2)]
    (tmp_path / "lines").write_text("".join(json.dumps(line) + "\n" for line in lines))
    program = tmp_path / "pleura"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/lines\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    stages = pipeline.screen_again(program, tmp_path, tmp_path, "fp32", "cuda", tmp_path, 3)
    assert stages == [{"lungs": 1}, {"lungs": 3}, {"lungs": 2}]
    assert pipeline.of_each_stage(pipeline.p95, stages) == {"lungs": 3}


class Fixed:
    """An engine that gives one output."""

    def __init__(self, output):
        self.logits = output

    def run(self) -> float:
        return 0.1

    def output(self):
        return self.logits

    def work(self):
        return 1e9, 1e12

    def close(self):
        pass


@pytest.mark.parametrize(
    ("ours", "theirs", "rows"),
    [(1, 1, 1), (1, 1 + 1e-6, 1), (1, 1.001, 0), (np.nan, 1, 0), (1, np.inf, 0), (np.nan, np.nan, 0), (0, 0, 0)],
)
def test_a_comparison_is_a_row_or_an_error(tmp_path, monkeypatch, capsys, ours, theirs, rows):
    pytest.importorskip("torch")
    import compare

    output = lambda value: np.full(4, value, np.float32)  # noqa: E731
    monkeypatch.setattr(compare, "Ours", lambda *_: Fixed(output(ours)))
    monkeypatch.setattr(compare, "peers", lambda *_: {"peer": Fixed(output(theirs))})
    out = tmp_path / "networks.json"
    monkeypatch.setattr(sys, "argv", ["compare.py", "--architectures", "classifier-m1", "--precisions", "fp32", "--out", str(out)])
    if rows:
        compare.main()
        assert len(json.loads(out.read_text())) == rows
    else:
        with pytest.raises(SystemExit, match="1 of the comparisons"):
            compare.main()
        assert not out.exists()
        assert "classifier-m1 fp32" in capsys.readouterr().err


def test_a_time_network_that_ends_is_an_error(tmp_path):
    pytest.importorskip("torch")
    import compare

    program = tmp_path / "time_network"
    program.write_text("#!/bin/sh\nread line\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    engine = compare.Ours(program, tmp_path, np.ones((1, 3, 4, 4), np.float32), "fp32", "cpu")
    with pytest.raises(figures.Unsound, match="exit code 1"):
        engine.run()


def test_layers_beside_failed_benchmarks_are_not_compared(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    import cudnn

    rows = [{"name": "down1", "error_occurred": True}, {"name": "down2", "aggregate_name": "median", "real_time": 1}]
    (tmp_path / "bench.json").write_text(json.dumps({"benchmarks": rows}))
    monkeypatch.setattr(sys, "argv", ["cudnn.py", str(tmp_path / "bench.json"), str(tmp_path / "cudnn.csv")])
    with pytest.raises(SystemExit, match="down1"):
        cudnn.main()
    assert not (tmp_path / "cudnn.csv").exists()
