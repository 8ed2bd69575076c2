"""The whole command, from a CT's files to its result, as a user runs it: seconds, voxels, GMAC, peak memory.

Each run is a new process. With --warm also the stages of a CT that one process screens again and again, its networks planned.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools" / "training"))

from pleura_training.files import write_file  # noqa: E402

MOST_REGIONS = 12  # of a case; random weights else propose hundreds. The demo weights find fewer
AROUND = ("weights", "read", "pictures", "rest")  # what is not from a decoded volume to the case's result
PAPER_SECONDS = 30  # on average for 70 slices, i7-8700K and GTX 1080 Ti (paper 2.7)


def command_of(pleura: Path, cts: list[Path], weights: Path, precision: str, device: str, out: Path) -> list:
    command = [pleura, "screen", *cts, "--weights", weights, "--out", out, "--precision", precision, "--json", "-"]
    return [*command, "--device", device, "--max-regions", str(MOST_REGIONS)]


def stages_of(result: dict) -> dict[str, float]:
    confidences = [region["confidence"] for region in result["regions"]]
    if not confidences or None in confidences:  # the command writes null for what is not finite
        raise SystemExit(f"confidences {confidences}, expected regions that the networks have classified")
    return {stage["name"]: stage["seconds"] for stage in result["stages"]}


def screen(pleura: Path, ct: Path, weights: Path, precision: str, device: str, out: Path) -> dict:
    command = command_of(pleura, [ct], weights, precision, device, out)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    result = json.loads(text)
    stages = stages_of(result)
    # Weights and CT are read at the same time; the rest is start-up and writing result.json.
    stages["rest"] = seconds - sum(stages.values()) + min(stages["weights"], stages["read"])
    return {"seconds": seconds, "peak_MB": usage.ru_maxrss / 1024, "stages": stages, "run": result["run"],
            "regions": len(result["regions"])}  # fmt: skip


def screen_again(pleura: Path, ct: Path, weights: Path, precision: str, device: str, out: Path, runs: int) -> list[dict[str, float]]:
    """Stages of all but the first of runs + 1 times in one process, which lacks reading the weights."""
    command = command_of(pleura, [ct] * (runs + 1), weights, precision, device, out)
    process = subprocess.run(command, stdout=subprocess.PIPE)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    return [stages_of(json.loads(line)) for line in process.stdout.splitlines()][1:]


def p95(values: list[float]) -> float:
    """By nearest rank: of ten the largest."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def of_each_stage(figure, runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: figure([stages[name] for stages in runs]) for name in runs[0]}


def files_to_result(stages: dict[str, float]) -> float:
    return stages["read"] + sum(value for name, value in stages.items() if name not in AROUND)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ct", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--pleura", type=Path, default=ROOT / "build" / "release" / "bin" / "pleura")
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="of the networks; give --precisions with cuda: fp32 fp16")
    parser.add_argument("--runs", type=int, default=5, help="beside the first, which is dropped")
    parser.add_argument("--warm", action="store_true", help="also as many in one process")
    parser.add_argument("--out", type=Path, help="JSON")
    arguments = parser.parse_args()
    results = []
    for weights in arguments.weights:
        for precision in arguments.precisions:
            with tempfile.TemporaryDirectory() as folder:
                runs = [screen(arguments.pleura, arguments.ct, weights, precision, arguments.device, Path(folder) / "out")
                        for _ in range(arguments.runs + 1)][1:]  # fmt: skip
                again = []
                if arguments.warm:
                    again = screen_again(arguments.pleura, arguments.ct, weights, precision, arguments.device, Path(folder) / "again", arguments.runs)
            seconds = statistics.median(run["seconds"] for run in runs)
            stages = of_each_stage(statistics.median, [run["stages"] for run in runs])
            networks = stages["segmenter"] + stages["classifier"]
            after_reading = files_to_result(stages) - stages["read"]
            results.append({
                "weights": weights.stem, "precision": precision, "device": arguments.device, "runs": len(runs), "seconds": seconds,
                "seconds_p95": p95([run["seconds"] for run in runs]),
                "cv": statistics.pstdev(run["seconds"] for run in runs) / seconds,
                "of_the_papers_30_s": seconds / PAPER_SECONDS,
                "files_to_result_s": files_to_result(stages),
                "volume_to_result_over_networks": after_reading / networks,
                "peak_MB": max(run["peak_MB"] for run in runs), "stages": stages,
                "stages_p95": of_each_stage(p95, [run["stages"] for run in runs]), "run": runs[0]["run"],
                "regions": runs[0]["regions"],
            })  # fmt: skip
            if again:
                results[-1]["warm"] = {
                    "runs": len(again), "files_to_result_s": statistics.median(map(files_to_result, again)),
                    "files_to_result_p95_s": p95(list(map(files_to_result, again))),
                    "stages": of_each_stage(statistics.median, again), "stages_p95": of_each_stage(p95, again),
                }  # fmt: skip
            row = results[-1]
            print(f"{row['weights']} {precision}: {seconds:.2f} s, {row['of_the_papers_30_s']:.2f} of the paper's 30 s; "
                  f"{row['regions']} regions, {row['run']['network_macs'] * 1e-9:.1f} GMAC; "
                  f"files to result {row['files_to_result_s']:.2f} s; volume to result {row['volume_to_result_over_networks']:.2f} x the networks' time; "
                  f"peak {row['peak_MB']:.0f} MB", flush=True)  # fmt: skip
            for start, of in {"": row, "warm: ": row.get("warm", {})}.items():
                if of:
                    print("  " + start + ", ".join(f"{name} {value:.3f}" for name, value in of["stages"].items()), flush=True)
            if arguments.out:
                write_file(arguments.out, json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
