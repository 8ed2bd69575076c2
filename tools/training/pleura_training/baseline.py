"""How far three numbers go: a logistic regression on each patch's mean, deviation and distance from the edge.

    python -m pleura_training.extract CASES...
    python -m pleura_training.baseline CASES...

Prints precision, recall and F1 of the three classes, each case judged by a model fitted on the others (5 folds). A cohort
on which this does well (mean F1 of 0.70 or more) is too easy to tell whether a classifier sees disease: exit code 1 then.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

from .cases import LABELS, find_cases
from .files import write_file
from .patches import Patches, read_patches

FOLDS = 5
TOO_EASY = 0.70


def features(patches: Patches) -> np.ndarray:
    """Mean and deviation (HU) of each of the three images of a region, and its relative distance: (3N, 3)."""
    images = patches.hu[:, 1:4].astype(np.float32)
    columns = (images.mean((2, 3)), images.std((2, 3)), patches.distance)
    return np.stack([column.reshape(-1) for column in columns], 1).astype(np.float64)


def fit(x: np.ndarray, y: np.ndarray, balanced: bool) -> np.ndarray:
    """Weights (features + 1, classes) of a multinomial logistic regression with a slight ridge, by L-BFGS."""
    inputs, labels = torch.from_numpy(np.column_stack((x, np.ones(len(x))))), torch.from_numpy(y)
    count = torch.bincount(labels, minlength=len(LABELS)).double()
    share = len(y) / (len(LABELS) * count.clamp(min=1)) if balanced else torch.ones(len(LABELS), dtype=torch.float64)
    weights = torch.zeros(inputs.shape[1], len(LABELS), dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        value = torch.nn.functional.cross_entropy(inputs @ weights, labels, weight=share) + 1e-4 * (weights**2).sum()
        value.backward()
        return value

    solver.step(loss)
    return weights.detach().numpy()


def predict_out_of_fold(x: np.ndarray, y: np.ndarray, case: np.ndarray, balanced: bool) -> np.ndarray:
    """The class of each row by a model that saw no row of its case's fold."""
    predicted = np.empty_like(y)
    for fold in range(FOLDS):
        held = case % FOLDS == fold
        mean, deviation = x[~held].mean(0), x[~held].std(0) + 1e-9
        weights = fit((x[~held] - mean) / deviation, y[~held], balanced)
        predicted[held] = (np.column_stack(((x[held] - mean) / deviation, np.ones(held.sum()))) @ weights).argmax(1)
    return predicted


def scores(predicted: np.ndarray, y: np.ndarray) -> dict:
    """Per class and on average."""
    table = {}
    for index, label in enumerate(LABELS):
        hits = ((predicted == index) & (y == index)).sum()
        precision, recall = hits / max((predicted == index).sum(), 1), hits / max((y == index).sum(), 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-12)
        table[label] = {"images": int((y == index).sum()), "precision": precision, "recall": recall, "f1": f1}
    table["mean_f1"] = float(np.mean([table[label]["f1"] for label in LABELS]))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path, help="folders of case folders that were extracted")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    patches = read_patches(find_cases(options.cases))
    x, y, case = features(patches), np.repeat(patches.label, 3), np.repeat(patches.case, 3)
    results = {
        name: scores(predict_out_of_fold(x, y, case, balanced), y)
        for name, balanced in (("as they come", False), ("classes balanced", True))
    }
    for name, table in results.items():
        print(f"{name}: mean F1 {table['mean_f1']:.3f}")
        for label in LABELS:
            print("  {:12} {images:6d} images  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}".format(label, **table[label]))
    if options.json:
        write_file(options.json, json.dumps(results, indent=1) + "\n")
    sys.exit(any(table["mean_f1"] >= TOO_EASY for table in results.values()))


if __name__ == "__main__":
    main()
