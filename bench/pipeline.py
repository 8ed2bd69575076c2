"""The whole command, from a CT's files to its result, as a user runs it: seconds, voxels, GMAC, peak memory."""

import argparse
import json
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


def screen(pleura: Path, ct: Path, weights: Path, precision: str, device: str, out: Path) -> dict:
    command = [pleura, "screen", ct, "--weights", weights, "--out", out, "--precision", precision, "--json", "-"]
    command += ["--device", device]
    command += ["--max-regions", str(MOST_REGIONS)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    result = json.loads(text)
    confidences = [region["confidence"] for region in result["regions"]]
    if not confidences or None in confidences:  # the command writes null for what is not finite
        raise SystemExit(f"{' '.join(map(str, command))}: confidences {confidences}, expected regions that the networks have classified")
    stages = {stage["name"]: stage["seconds"] for stage in result["stages"]}
    # Weights and CT are read at the same time; the rest is start-up and writing result.json.
    stages["rest"] = seconds - sum(stages.values()) + min(stages["weights"], stages["read"])
    return {"seconds": seconds, "peak_MB": usage.ru_maxrss / 1024, "stages": stages, "run": result["run"],
            "regions": len(result["regions"])}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ct", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--pleura", type=Path, default=ROOT / "build" / "release" / "bin" / "pleura")
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="of the networks; give --precisions with cuda: fp32 fp16")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path, help="JSON")
    arguments = parser.parse_args()
    results = []
    for weights in arguments.weights:
        for precision in arguments.precisions:
            with tempfile.TemporaryDirectory() as folder:
                runs = [screen(arguments.pleura, arguments.ct, weights, precision, arguments.device, Path(folder) / "out")
                        for _ in range(arguments.runs + 1)][1:]  # fmt: skip
            seconds = statistics.median(run["seconds"] for run in runs)
            stages = {name: statistics.median(run["stages"][name] for run in runs) for name in runs[0]["stages"]}
            networks = stages["segmenter"] + stages["classifier"]
            after_reading = sum(value for name, value in stages.items() if name not in AROUND)
            results.append({
                "weights": weights.stem, "precision": precision, "device": arguments.device, "seconds": seconds,
                "cv": statistics.pstdev(run["seconds"] for run in runs) / seconds,
                "of_the_papers_30_s": seconds / PAPER_SECONDS,
                "files_to_result_s": stages["read"] + after_reading,
                "volume_to_result_over_networks": after_reading / networks,
                "peak_MB": max(run["peak_MB"] for run in runs), "stages": stages, "run": runs[0]["run"],
                "regions": runs[0]["regions"],
            })  # fmt: skip
            row = results[-1]
            print(f"{row['weights']} {precision}: {seconds:.2f} s, {row['of_the_papers_30_s']:.2f} of the paper's 30 s; "
                  f"{row['regions']} regions, {row['run']['network_macs'] * 1e-9:.1f} GMAC; "
                  f"files to result {row['files_to_result_s']:.2f} s; volume to result {row['volume_to_result_over_networks']:.2f} x the networks' time; "
                  f"peak {row['peak_MB']:.0f} MB", flush=True)  # fmt: skip
            print("  " + ", ".join(f"{name} {value:.3f}" for name, value in stages.items()), flush=True)
            if arguments.out:
                write_file(arguments.out, json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
