"""Patches of the classifier: three images of each region that `pleura extract` cut, with labels from the truth."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import torch
from torch.nn import functional as F

from .cases import LABELS, Lesion, read_truth
from .settings import ClassifierSettings

IRRELEVANT = LABELS.index("irrelevant")
HIT_IOU = 0.15
FARTHEST = 0.5  # relative distance of a point in the lungs, at most; screening/patches.hpp has the same bound


def box_iou(a: np.ndarray, b: np.ndarray) -> float:
    """IoU of two world boxes (2, 3)."""
    overlap = np.prod(np.clip(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0, None))
    return float(overlap / (np.prod(a[1] - a[0]) + np.prod(b[1] - b[0]) - overlap))


def region_label(box: np.ndarray, lesions: list[Lesion]) -> int | None:
    """Class of a cube: of the lesion that holds its centre or overlaps it most; irrelevant where none does.

    None where it can be neither: a box to ignore, or a lesion that it only touches.
    """
    centre, touched, best = box.mean(0), False, None
    for lesion in lesions:
        overlap = box_iou(box, lesion.box_mm)
        held = ((lesion.box_mm[0] <= centre) & (centre <= lesion.box_mm[1])).all()
        touched |= overlap > 0.02
        if (held or overlap >= HIT_IOU) and (best is None or overlap > best[0]):
            best = (overlap, lesion.label)
    if best is None:
        return None if touched else IRRELEVANT
    return LABELS.index(best[1]) if best[1] in LABELS else None


@dataclass
class Patches:
    """Regions' five slices (N, 5, P, P) int16 HU of one field of view, the relative distances of their three images (N, 3),
    labels (N)."""

    hu: np.ndarray
    distance: np.ndarray
    label: np.ndarray
    case: np.ndarray  # index of the case, for votes and counts
    score: np.ndarray  # objectness, NaN where it wasn't the segmenter that proposed the region
    field_mm: float  # side of a patch

    def images(self, settings: ClassifierSettings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """HU (3N, 3, P, P) before windows, distances (3N) as the network sees them, labels (3N)."""
        if settings.image == "windows":
            hu = np.repeat(self.hu[:, 1:4, None], 3, axis=2)
        else:
            hu = np.stack([self.hu[:, k : k + 3] for k in range(3)], 1)
        distance = (np.minimum(self.distance, FARTHEST) - settings.distance_shift) * settings.distance_scale
        return hu.reshape(-1, *hu.shape[2:]), distance.reshape(-1).astype(np.float32), np.repeat(self.label, 3)


def read_patches(folders: list[Path], field_mm: float | None = None) -> Patches:
    """Patches of all extract files of the cases, those of unclear label left out; all of one field of view: the given one."""
    parts, fields = [], {} if field_mm is None else {field_mm: "what was read before"}
    for index, folder in enumerate(folders):
        lesions = read_truth(folder / "truth.json")
        for name in sorted(folder.glob("*.h5")):
            with h5py.File(name) as file:
                boxes = file["proposals/box_mm"][()]
                fields.setdefault(float(file["patches"].attrs["field_mm"]), name)
                if not len(boxes):
                    continue
                labels = [region_label(box, lesions) for box in boxes]
                known = np.array([label is not None for label in labels])
                label = np.array([label for label in labels if label is not None], np.int64)
                hu, distance, score = (file[name][()][known] for name in ("patches/hu", "patches/distance", "proposals/score"))
                parts.append((hu, distance, label, np.full(len(label), index), score))
    if not parts:
        raise SystemExit("the cases hold no patches: extract them with --boxes or --weights")
    if len(fields) > 1:
        found = ", ".join(f"{field:g} mm in {name}" for field, name in fields.items())
        raise SystemExit(f"patches of different fields of view: {found}; expected one: extract them anew with one --field")
    return Patches(*(np.concatenate(part) for part in zip(*parts)), *fields)


def windows(hu: np.ndarray, settings: ClassifierSettings) -> np.ndarray:
    """HU (N, 3, P, P) to -1..1: each channel under its own window, neighbours all under the first, as in inference."""
    bounds = settings.windows if settings.image == "windows" else settings.windows[:1] * 3
    low, high = (np.array(bounds, np.float32)[:, i, None, None] for i in (0, 1))
    return np.clip((hu - low) * (2 / (high - low)) - 1, -1, 1).astype(np.float32)


def augment(hu: np.ndarray, rng: np.random.Generator, image: str) -> np.ndarray:
    """Random clips (shifts of up to 5 pixels), left-right and up-down flips, and another scanner: softer or sharper, another
    calibration, noise, which is a slice's own: one for all `windows`, one for each of the `neighbours`. (N, 3, P, P)"""
    out = np.empty(hu.shape, np.float32)
    for i, channels in enumerate(hu):
        moved = np.pad(channels, ((0, 0), (5, 5), (5, 5)), mode="edge")
        y, x = rng.integers(0, 11, 2)
        moved = moved[:, y : y + hu.shape[2], x : x + hu.shape[3]]
        out[i] = moved[:, :: rng.choice((-1, 1)), :: rng.choice((-1, 1))]
    one_each = (len(hu), 1, 1, 1)
    soft = F.avg_pool2d(F.pad(torch.from_numpy(out), (2, 2, 2, 2), mode="replicate"), 5, stride=1).numpy()
    out += rng.uniform(-0.5, 1, one_each).astype(np.float32) * (soft - out)
    out *= rng.uniform(0.97, 1.03, one_each).astype(np.float32)
    out += rng.uniform(-20, 20, one_each).astype(np.float32)
    slices = 3 if image == "neighbours" else 1
    noise = rng.standard_normal((len(hu), slices, *hu.shape[2:]), np.float32)
    return out + rng.uniform(0, 40, one_each).astype(np.float32) * noise
