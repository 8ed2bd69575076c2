"""Screens cases with a weights file and holds the results against their truth.

    python -m pleura_training.measure CASES... --weights FILE.h5 --out FIGURES.json

Detection: a lesion is found where a region's centre lies in its box or their boxes' IoU is at least 0.15. Regions: label
against the lesion that they hit, irrelevant where they hit none; those that only touch a lesion are left out. Cases: the
result against truth.json's "case". Prints and writes counts, confusion matrices and the seconds per CT.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .cases import LABELS, Lesion, read_truth
from .command import add_pleura, ct_of, run
from .patches import HIT_IOU, box_iou, region_label

CASE_LABELS = ("no_infection_found", "covid19", "influenza_a")


def is_hit(box: np.ndarray, lesion: Lesion) -> bool:
    centre = box.mean(0)
    held = ((lesion.box_mm[0] <= centre) & (centre <= lesion.box_mm[1])).all()
    return bool(held) or box_iou(box, lesion.box_mm) >= HIT_IOU


def scores(confusion: np.ndarray) -> dict:
    """Recall, precision and F1 by class and accuracy of a confusion matrix (truth, found)."""
    hit = np.diag(confusion)
    recall, precision = hit / np.maximum(confusion.sum(1), 1), hit / np.maximum(confusion.sum(0), 1)
    f1 = 2 * hit / np.maximum(confusion.sum(0) + confusion.sum(1), 1)
    figures = {"recall": recall, "precision": precision, "f1": f1, "accuracy": hit.sum() / max(confusion.sum(), 1)}
    return {"confusion": confusion.tolist()} | {name: np.round(value, 4).tolist() for name, value in figures.items()}


class Figures:
    """Counts over the cases seen so far."""

    def __init__(self):
        self.found = {label: [0, 0] for label in LABELS}  # lesions found, lesions
        self.false_regions, self.cts, self.seconds = 0, 0, 0.0
        self.regions, self.cases = np.zeros((3, 3), int), np.zeros((3, 3), int)

    def add(self, result: dict, lesions: list[Lesion], case: str | None) -> None:
        boxes = [np.array([region["box_mm"]["low"], region["box_mm"]["high"]]) for region in result["regions"]]
        for lesion in lesions:
            if lesion.label in self.found:
                self.found[lesion.label][0] += any(is_hit(box, lesion) for box in boxes)
                self.found[lesion.label][1] += 1
        for region, box in zip(result["regions"], boxes):
            self.false_regions += not any(is_hit(box, lesion) for lesion in lesions)
            truth = region_label(box, lesions)
            if truth is not None:
                self.regions[truth, LABELS.index(region["label"])] += 1
        if case is not None:
            self.cases[CASE_LABELS.index(case), CASE_LABELS.index(result["case"]["result"])] += 1
        self.cts += 1
        self.seconds += sum(stage["seconds"] for stage in result["stages"])

    def summary(self) -> dict:
        return {
            "cts": self.cts,
            "seconds_per_ct": round(self.seconds / max(self.cts, 1), 3),
            "lesions_found": {label: {"found": found, "of": of} for label, (found, of) in self.found.items()},
            "false_regions_per_ct": round(self.false_regions / max(self.cts, 1), 3),
            "region": {"classes": list(LABELS)} | scores(self.regions),
            "case": {"classes": list(CASE_LABELS)} | scores(self.cases),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path, help="folders of case folders")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--classifier", choices=("m1", "m2"), default="m2")
    parser.add_argument("--threshold", type=float, help="objectness; default: the weights file's")
    parser.add_argument("--threads", type=int, default=0, help="0: one per core")
    add_pleura(parser)
    options = parser.parse_args()
    figures = Figures()
    more = ["--threshold", options.threshold] if options.threshold is not None else []
    for truth in tqdm(sorted(file for folder in options.cases for file in folder.glob("**/truth.json")), disable=None):
        with tempfile.TemporaryDirectory() as out:
            run(
                options.pleura, "screen", ct_of(truth.parent), "--weights", options.weights, "--out", out,
                "--classifier", options.classifier, "--threads", options.threads, *more,
            )  # fmt: skip
            result = json.loads(next(Path(out).glob("**/result.json")).read_text())
        figures.add(result, read_truth(truth), json.loads(truth.read_text()).get("case"))
    text = json.dumps(figures.summary(), indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
