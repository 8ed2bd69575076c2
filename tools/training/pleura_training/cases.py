"""One training case as `pleura extract` wrote it, with its truth.

A case is a folder with extract.h5 (docs/extract-format.md) and truth.json, of which this is read:

    {"boxes": [{"label": "covid19", "box_mm": {"low": [x, y, z], "high": [x, y, z]}}, ...]}

label: covid19, influenza_a, irrelevant, or ignore (neither a lesion to find nor background to learn from).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

LABELS = ("covid19", "influenza_a", "irrelevant")


@dataclass
class Lesion:
    label: str
    box_mm: np.ndarray  # (2, 3): low and high, world (x, y, z)


@dataclass
class Case:
    """The segmenter's grid of a CT and the lesions on it."""

    name: str
    hu: np.ndarray  # int16 (D, H, W)
    lungs: np.ndarray  # uint8 (D, H, W)
    outside_hu: float
    spacing: np.ndarray  # mm (z, y, x)
    origin: np.ndarray  # mm (x, y, z)
    direction: np.ndarray  # (3, 3): unit vectors along rising z, y, x
    lesions: list[Lesion]

    def cube(self, box_mm: np.ndarray) -> np.ndarray:
        """The cube (centre z, y, x, side; voxels) of the box's volume at the box's centre."""
        centre = self.direction @ (box_mm.mean(0) - self.origin) / self.spacing
        side = np.prod(box_mm[1] - box_mm[0]) ** (1 / 3) / np.prod(self.spacing) ** (1 / 3)
        return np.array([*centre, side], np.float32)

    def world_box(self, cube: np.ndarray) -> np.ndarray:
        """The inverse of cube(): low and high in mm, along the world's axes."""
        centre = self.origin + (cube[:3] * self.spacing) @ self.direction
        half = cube[3] * np.prod(self.spacing) ** (1 / 3) / 2
        return np.stack((centre - half, centre + half))

    def cubes(self, ignore: bool = False) -> np.ndarray:
        """Cubes (N, 4) of the lesions to find, or of those to ignore."""
        boxes = [self.cube(lesion.box_mm) for lesion in self.lesions if (lesion.label == "ignore") == ignore]
        return np.array(boxes, np.float32).reshape(-1, 4)


def read_truth(file: Path) -> list[Lesion]:
    boxes = json.loads(file.read_text())["boxes"]
    return [Lesion(box["label"], np.array([box["box_mm"]["low"], box["box_mm"]["high"]])) for box in boxes]


def read_case(folder: Path) -> Case:
    with h5py.File(folder / "extract.h5") as file:
        group = file["segmenter"]
        attributes = group.attrs
        return Case(
            folder.name, group["hu"][()], group["lungs"][()], float(attributes["outside_hu"]),
            np.array(attributes["spacing_mm"]), np.array(attributes["origin_mm"]), np.array(attributes["direction"]),
            read_truth(folder / "truth.json"),
        )  # fmt: skip


def find_cases(folders: list[Path]) -> list[Path]:
    """All case folders under some folders, in order of their names."""
    found = sorted({file.parent for folder in folders for file in folder.glob("**/extract.h5")})
    if not found:
        raise SystemExit(f"no extract.h5 under {', '.join(map(str, folders))}")
    return found
