"""Random crops of cases for the segmenter: around lesions and anywhere in the lungs, flipped, with noise."""

import numpy as np

from . import anchors
from .cases import Case


def window(hu: np.ndarray, low: float, high: float) -> np.ndarray:
    """HU to -1..1, clipped."""
    return np.clip((hu.astype(np.float32) - low) * (2 / (high - low)) - 1, -1, 1)


def cut(volume: np.ndarray, low: np.ndarray, size: int, fill: float) -> np.ndarray:
    """A cube of voxels that may reach over the volume's faces."""
    out = np.full((size,) * 3, fill, volume.dtype)
    high = low + size
    source = tuple(slice(max(a, 0), max(min(b, n), 0)) for a, b, n in zip(low, high, volume.shape))
    target = tuple(slice(s.start - a, s.start - a + max(s.stop - s.start, 0)) for s, a in zip(source, low))
    out[target] = volume[source]
    return out


def disturb(hu: np.ndarray, inside: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another scanner: thicker slices, other noise, calibration off by a few HU; only inside the lungs' margin."""
    hu = hu.astype(np.float32)
    if rng.random() < 0.3:
        hu[1:-1] = 0.25 * hu[:-2] + 0.5 * hu[1:-1] + 0.25 * hu[2:]
    hu = hu * rng.uniform(0.97, 1.03) + rng.uniform(-20, 20)
    noise = rng.standard_normal(hu.shape, np.float32) * rng.choice((0.0, rng.uniform(0, 40)))
    return np.where(inside, hu + noise, hu)


class Sampler:
    """Draws crops: half of them around a lesion where there is one. The draw of a step depends on seed and step alone."""

    def __init__(self, cases: list[Case], size: int, anchor_voxels: list[float], hu_window: list[float], augment: bool):
        self.cases, self.size, self.hu_window, self.augment = cases, size, hu_window, augment
        self.truth = [case.cubes() for case in cases]
        self.ignore = [case.cubes(ignore=True) for case in cases]
        self.with_lesions = [i for i, truth in enumerate(self.truth) if len(truth)]
        self.inside = [np.argwhere(case.lungs[::4, ::4, ::4] > 0) * 4 for case in cases]
        self.anchors = anchors.grid((size // anchors.STRIDE,) * 3, anchor_voxels)

    def _place(self, rng: np.random.Generator) -> tuple[int, np.ndarray]:
        """Case and low corner of a crop."""
        if self.with_lesions and rng.random() < 0.7:
            index = int(rng.choice(self.with_lesions))
            truth = self.truth[index]
            sides = truth[:, 3] ** 0.5  # larger lesions hold more patterns than their number says
            centre = truth[rng.choice(len(truth), p=sides / sides.sum())][:3]
            centre = centre + rng.uniform(-self.size / 4, self.size / 4, 3)
        else:
            index = int(rng.integers(len(self.cases)))
            centre = self.inside[index][rng.integers(len(self.inside[index]))]
        return index, np.round(centre - self.size / 2).astype(int)

    def _crop(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        index, low = self._place(rng)
        case = self.cases[index]
        fill = 0 if np.isnan(case.outside_hu) else int(case.outside_hu)
        hu = cut(case.hu, low, self.size, fill)
        truth, ignore = self.truth[index].copy(), self.ignore[index].copy()
        for boxes in (truth, ignore):
            boxes[:, :3] -= low
        if self.augment:
            hu = disturb(hu, hu != fill, rng)
            for axis in range(3):
                if rng.random() < 0.5:
                    hu = np.flip(hu, axis)
                    for boxes in (truth, ignore):
                        boxes[:, axis] = self.size - 1 - boxes[:, axis]
        label, shift = anchors.targets(self.anchors, *self._visible(truth, ignore))
        return window(hu, *self.hu_window), label, shift

    def _visible(self, truth: np.ndarray, ignore: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lesions whose centre lies in the crop are to be found; the others that reach into it are ignored."""
        seen = ((truth[:, :3] >= 0) & (truth[:, :3] < self.size)).all(1)
        return truth[seen], np.concatenate((ignore, truth[~seen]))

    def batch(self, count: int, seed: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Windowed crops (N, 1, S, S, S), labels (N, G, G, G, A) and regression targets (N, G, G, G, A, 4)."""
        rng = np.random.default_rng((seed, step))
        crops = [self._crop(rng) for _ in range(count)]
        hu, label, shift = (np.stack(part) for part in zip(*crops))
        return hu[:, None], label, shift
