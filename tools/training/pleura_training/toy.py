"""Toy cases in numpy: two ellipsoid lungs with vessels and lesions, written as `pleura extract` would. They show that
training works, on any machine and in seconds; weights worth keeping come from `pleura phantom`."""

import json
from pathlib import Path

import h5py
import numpy as np

from .cases import LABELS

SHAPE = (64, 80, 112)
SPACING = 2.0
HU = {"covid19": -550, "influenza_a": -150, "irrelevant": 250}


def _smooth(volume: np.ndarray, times: int) -> np.ndarray:
    for _ in range(times):
        for axis in range(3):
            volume = (np.roll(volume, 1, axis) + 2 * volume + np.roll(volume, -1, axis)) / 4
    return volume


def toy_case(folder: Path, seed: int) -> None:
    """Writes folder/extract.h5 and folder/truth.json: 2 to 4 lesions, covid19 at the edge and influenza_a at the centre."""
    rng = np.random.default_rng(seed)
    z, y, x = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    lungs = np.zeros(SHAPE, np.uint8)
    middles = ((32, 40, 30), (32, 40, 82))
    radii = np.array((26, 32, 22))
    for side, middle in enumerate(middles):
        depth = sum(((axis - m) / r) ** 2 for axis, m, r in zip((z, y, x), middle, radii))
        lungs[depth < 1] = 2 - side
    hu = np.where(_smooth(rng.standard_normal(SHAPE), 2) > 0.45, -300.0, -850.0)
    infection = LABELS[seed % 2]
    lesions, patches, distances = [], [], []
    for _ in range(rng.integers(2, 5)):
        label = infection if rng.random() < 0.7 else "irrelevant"
        direction = rng.standard_normal(3)
        depth = {"covid19": 0.8, "influenza_a": 0.25, "irrelevant": 0.5}[label]
        centre = middles[rng.integers(2)] + direction / np.linalg.norm(direction) * radii * depth
        radius = rng.uniform(3, 5) if label == "irrelevant" else rng.uniform(5, 10)
        ball = np.clip(radius - np.sqrt((z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2), 0, 2) / 2
        hu = hu * (1 - ball) + HU[label] * ball
        low, high = ((centre + d * (radius + 0.5))[::-1] * SPACING for d in (-1, 1))
        lesions.append({"label": label, "box_mm": {"low": low.tolist(), "high": high.tolist()}})
        patches.append(np.round(centre).astype(int))
        distances.append([1 - depth] * 3)
    hu = np.where(lungs > 0, hu + 20 * rng.standard_normal(SHAPE), 0).round().astype(np.int16)
    padded = np.pad(hu, 30, constant_values=0)
    planes = [[padded[c[0] + 30 + k, c[1] : c[1] + 60, c[2] : c[2] + 60] for k in range(-2, 3)] for c in patches]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "truth.json").write_text(json.dumps({"boxes": lesions}))
    with h5py.File(folder / "extract.h5", "w") as file:
        file.attrs.update(format="pleura-extract", format_version=1, series_uid="", weights_sha256="")
        group = file.create_group("segmenter")
        group.attrs.update(
            spacing_mm=[SPACING] * 3, origin_mm=[0.0] * 3, direction=np.eye(3)[::-1], hu_window=[-1200.0, 600.0],
            outside_hu=0.0, source_shape=SHAPE, source_spacing_mm=[SPACING] * 3,
        )  # fmt: skip
        group["hu"], group["lungs"] = hu, lungs
        boxes = [[lesion["box_mm"]["low"], lesion["box_mm"]["high"]] for lesion in lesions]
        file["proposals/box_mm"] = np.array(boxes)
        file["proposals/score"] = np.full(len(boxes), np.nan, np.float32)
        file["proposals/source"] = np.ones(len(boxes), np.uint8)
        file["patches/hu"] = np.array(planes, np.int16)
        file["patches/distance"] = np.array(distances, np.float32)
        file["patches"].attrs.update(field_mm=60.0 * SPACING, pixels=60)
