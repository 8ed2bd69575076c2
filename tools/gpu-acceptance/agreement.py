"""The whole pipeline on the GPU beside the CPU's in fp32, on one CT: the same lungs, regions and case.

    agreement.py CT WEIGHTS.h5 --pleura PROGRAM [--out agreement.json]

Lung masks are equal bit by bit; regions come in the same order with the same labels and slices; probabilities and the cubes' faces differ by no
more than BOUNDS. Writes by how much they do. What does not agree is named, with exit code 1. Needs no NumPy.
"""

from __future__ import annotations

import argparse
import gzip
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "bench"), str(HERE.parent.parent / "bench")]  # packed, and in the source tree

from figures import Unsound  # noqa: E402

# Of a probability, and of a cube's face in mm. Rounding in fp32 moves faces by micrometres, in fp16 by a tenth of a millimetre.
BOUNDS = {"fp32": (1e-4, 1e-2), "fp16": (5e-3, 0.5)}


def voxels(mask: Path) -> tuple[bytes, bytes]:
    """Where a NIfTI mask's voxels lie, and the voxels: a byte each."""
    content = gzip.decompress(mask.read_bytes())
    first = int(struct.unpack_from("<f", content, 108)[0])
    return content[:first], content[first:]


def require_equal_masks(expected: Path, found: Path) -> int:
    """Returns how many voxels are lung."""
    (grid, of_cpu), (other_grid, of_gpu) = voxels(expected), voxels(found)
    if grid != other_grid:
        raise Unsound(f"{found.name}: its header differs from the CPU's")
    if of_cpu != of_gpu:
        differing = sum(a != b for a, b in zip(of_cpu, of_gpu))
        raise Unsound(f"{found.name}: {differing} voxels differ from the CPU's, expected none")
    lung = len(of_cpu) - of_cpu.count(0)
    if lung == 0:
        raise Unsound(f"{found.name}: no voxel is lung")
    return lung


def probabilities(result: dict) -> dict[str, float | None]:
    """All of a result by where they stand; None where one is not finite."""
    values = {f"case.{name}": value for name, value in result["case"].items() if name != "result"}
    for i, region in enumerate(result["regions"]):
        values[f"regions[{i}].confidence"] = region["confidence"]
        for k, vote in enumerate(region["votes"]):
            values |= {f"regions[{i}].votes[{k}].{name}": value for name, value in vote["probabilities"].items()}
    return values


def faces_mm(result: dict) -> dict[str, float]:
    return {
        f"regions[{i}].box_mm.{side}[{axis}]": value
        for i, region in enumerate(result["regions"]) for side in ("low", "high") for axis, value in enumerate(region["box_mm"][side])
    }  # fmt: skip


def largest_difference(expected: dict[str, float | None], found: dict[str, float | None], bound: float) -> float:
    largest = 0.0
    for name, value in expected.items():
        other = found[name]
        if value is None or other is None or not abs(value - other) <= bound:  # NaN is no agreement either
            raise Unsound(f"{name}: {other}, by the CPU {value}, expected at most {bound} apart")
        largest = max(largest, abs(value - other))
    return largest


def kinds(result: dict) -> list:
    return [result["case"]["result"], *([region["label"], *(vote["slice"] for vote in region["votes"])] for region in result["regions"])]


def compare(expected: dict, found: dict, precision: str) -> dict:
    """Two results. Raises Unsound where they do not agree."""
    if not expected["regions"]:
        raise Unsound("the CPU finds no region: nothing is compared")
    if not found["run"]["device"].startswith("cuda"):
        raise Unsound(f"ran on {found['run']['device']}, expected cuda")
    if kinds(expected) != kinds(found):
        raise Unsound(f"case, labels and slices of the regions {kinds(found)}, by the CPU {kinds(expected)}")
    of_probability, of_face = BOUNDS[precision]
    return {
        "precision": precision, "case": found["case"], "regions": len(found["regions"]), "device": found["run"]["device"],
        "probabilities_differ_by": largest_difference(probabilities(expected), probabilities(found), of_probability),
        "faces_differ_by_mm": largest_difference(faces_mm(expected), faces_mm(found), of_face),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ct", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--pleura", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="JSON")
    arguments = parser.parse_args()
    rows, failures = [], []
    with tempfile.TemporaryDirectory() as folder:

        def screen(device: str, precision: str) -> tuple[dict, Path]:
            out = Path(folder) / f"{device}-{precision}"
            command = [arguments.pleura, "screen", arguments.ct, "--weights", arguments.weights, "--out", out, "--save-masks", "--json", "-"]
            command += ["--device", device, "--precision", precision]
            text = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            return json.loads(text), out / "lungs.nii.gz"

        try:
            expected, mask = screen("cpu", "fp32")
            for precision in BOUNDS:
                found, other_mask = screen("cuda", precision)
                try:
                    rows.append(compare(expected, found, precision) | {"lung_voxels": require_equal_masks(mask, other_mask)})
                    print(json.dumps(rows[-1]))
                except Unsound as why:
                    failures.append(f"{precision}: {why}")
        except subprocess.CalledProcessError as why:
            failures.append(f"{' '.join(map(str, why.cmd))}: exit code {why.returncode}")
    if arguments.out and rows:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n")
    for failure in failures:
        print(f"agreement.py: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
