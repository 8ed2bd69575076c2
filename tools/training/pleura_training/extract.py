"""Runs `pleura extract` over cases: what the networks will see of each CT, and patches at its boxes or proposals.

    python -m pleura_training.extract CASES...                      writes extract.h5: patches at and around the truth's boxes
    python -m pleura_training.extract CASES... --weights FILE.h5    writes proposals.h5: patches at the segmenter's proposals

CASES are folders of case folders, each with the CT (ct, ct.nii.gz, ...) and truth.json. Files that are there already are
left alone; a CT that pleura refuses is named and passed over.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .cases import Lesion, read_truth
from .command import add_pleura, ct_of, run

NEAR = 3  # boxes jittered around each lesion
FAR = 2  # boxes shifted away from each lesion, mostly of no finding


def boxes_around(lesions: list[Lesion], seed: int) -> list[dict]:
    """The truth's boxes, jittered copies as proposals would lie, and copies shifted away."""
    rng = np.random.default_rng(seed)
    boxes = [lesion.box_mm for lesion in lesions if lesion.label != "ignore"]
    for lesion in lesions:
        side = (lesion.box_mm[1] - lesion.box_mm[0]).mean()
        boxes += [lesion.box_mm + rng.uniform(-0.2, 0.2, 3) * side for _ in range(NEAR)]
        for _ in range(FAR):
            direction = rng.standard_normal(3)
            boxes.append(lesion.box_mm + direction / np.linalg.norm(direction) * (side + rng.uniform(10, 50)))
    return [{"label": "", "box_mm": {"low": box[0].tolist(), "high": box[1].tolist()}} for box in boxes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path, help="folders of case folders")
    parser.add_argument("--weights", type=Path, help="extract this file's proposals")
    parser.add_argument("--threshold", type=float, help="objectness of proposals; default: the weights file's")
    parser.add_argument("--field", type=float, help="side of the patches in mm; default: the weights file's, or 60")
    parser.add_argument("--threads", type=int, default=0, help="0: one per core")
    add_pleura(parser)
    options = parser.parse_args()
    folders = sorted({file.parent for folder in options.cases for file in folder.glob("**/truth.json")})
    for folder in tqdm(folders, disable=None, desc="extract"):
        out = folder / ("proposals.h5" if options.weights else "extract.h5")
        if out.exists():
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".json") as boxes:
            if options.weights:
                what = ["--weights", options.weights]
                what += ["--threshold", options.threshold] if options.threshold is not None else []
            else:
                seed = sum(folder.name.encode())
                json.dump({"boxes": boxes_around(read_truth(folder / "truth.json"), seed)}, boxes)
                boxes.flush()
                what = ["--boxes", boxes.name]
            what += ["--field", options.field] if options.field is not None else []
            done = run(options.pleura, "extract", ct_of(folder), "--out", out, "--threads", options.threads, *what, check=False)
        if done.returncode:
            tqdm.write(f"{folder} passed over: {done.stderr.strip()}")


if __name__ == "__main__":
    main()
