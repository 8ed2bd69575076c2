"""Anchor cubes on the region-proposal head's grid: targets for training, decoding and suppression for measuring.

Boxes are float arrays (..., 4) of cubes in voxels of the network's grid: centre z, y, x, side. Template: lfz/DSB2017
(docs/networks.md: anchors, IoU bounds, decoding).
"""

import numpy as np

STRIDE = 4
POSITIVE_IOU = 0.5
NEGATIVE_IOU = 0.02
LARGEST_LOG_SCALE = 4.135166556742356  # as in screening/candidates.hpp
NEAR_BEST = 0.8  # of the best IoU that a box between two anchors attains: its anchors are positive too


def grid(shape: tuple[int, int, int], anchors: list[float]) -> np.ndarray:
    """Anchor cubes (D, H, W, A, 4) of a head output of that shape; anchors in voxels."""
    axes = [np.arange(n, dtype=np.float32) * STRIDE + (STRIDE - 1) / 2 for n in shape]
    cubes = np.empty((*shape, len(anchors), 4), np.float32)
    for axis, centres in enumerate(np.meshgrid(*axes, indexing="ij")):
        cubes[..., axis] = centres[..., None]
    cubes[..., 3] = anchors
    return cubes


def iou(cubes: np.ndarray, cube: np.ndarray) -> np.ndarray:
    """IoU of many cubes with one."""
    overlap = np.ones(cubes.shape[:-1], np.float32)
    for axis in range(3):
        low = np.maximum(cubes[..., axis] - cubes[..., 3] / 2, cube[axis] - cube[3] / 2)
        high = np.minimum(cubes[..., axis] + cubes[..., 3] / 2, cube[axis] + cube[3] / 2)
        overlap *= np.clip(high - low, 0, None)
    return overlap / (cubes[..., 3] ** 3 + cube[3] ** 3 - overlap)


def targets(cubes: np.ndarray, truth: np.ndarray, ignore: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Label (1 positive, 0 negative, -1 neither) and regression targets (..., 4) of every anchor.

    An anchor is positive at IoU >= 0.5 with a truth or near the best IoU that this truth attains, negative below 0.02
    with every truth and every box to ignore.
    """
    label = np.zeros(cubes.shape[:-1], np.int8)
    shift = np.zeros_like(cubes)
    best = np.zeros(cubes.shape[:-1], np.float32)
    for box in ignore:
        label[iou(cubes, box) >= NEGATIVE_IOU] = -1
    for box in truth:
        overlap = iou(cubes, box)
        label[(overlap >= NEGATIVE_IOU) & (label == 0)] = -1
        chosen = (overlap >= min(POSITIVE_IOU, NEAR_BEST * overlap.max())) & (overlap > best)
        label[chosen], best[chosen] = 1, overlap[chosen]
        sides = cubes[chosen][:, 3:]
        shift[chosen] = np.concatenate(((box[:3] - cubes[chosen][:, :3]) / sides, np.log(box[3] / sides)), 1)
    return label, shift


def decode(output: np.ndarray, cubes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Objectness probabilities (...) and cubes (..., 4) of the head's values (D, H, W, A, 5)."""
    sides = cubes[..., 3:]
    found = np.concatenate((cubes[..., :3] + output[..., 1:4] * sides, sides * np.exp(np.clip(output[..., 4:], -LARGEST_LOG_SCALE, LARGEST_LOG_SCALE))), -1)
    return 1 / (1 + np.exp(-output[..., 0])), found


def suppress(score: np.ndarray, cubes: np.ndarray, limit: float) -> list[int]:
    """Greedy suppression at IoU >= limit; indices of those that stay, best first."""
    order, kept = np.argsort(-score, kind="stable"), []
    while len(order):
        kept.append(int(order[0]))
        order = order[1:][iou(cubes[order[1:]], cubes[order[0]]) < limit]
    return kept
