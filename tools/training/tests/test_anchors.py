"""Anchor targets, decoding, suppression and FROC on hand-worked cases and against naive twins."""

import numpy as np
import pytest

from pleura_training import anchors, froc
from pleura_training.cases import Case, Lesion


def naive_iou(a, b):
    overlap = 1.0
    for axis in range(3):
        overlap *= max(0.0, min(a[axis] + a[3] / 2, b[axis] + b[3] / 2) - max(a[axis] - a[3] / 2, b[axis] - b[3] / 2))
    return overlap / (a[3] ** 3 + b[3] ** 3 - overlap)


def test_iou():
    rng = np.random.default_rng(2)
    cubes = rng.uniform(0, 8, (50, 4)).astype(np.float32) + np.float32(0.5)
    expected = [naive_iou(cube, cubes[0]) for cube in cubes]
    np.testing.assert_allclose(anchors.iou(cubes, cubes[0]), expected, rtol=1e-4, atol=1e-6)
    assert anchors.iou(np.float32([[0, 0, 0, 2]]), np.float32([1, 0, 0, 2]))[0] == pytest.approx(1 / 3)


def test_grid_starts_in_the_middle_of_its_first_cell():
    cubes = anchors.grid((2, 3, 4), [5, 15])
    assert cubes.shape == (2, 3, 4, 2, 4)
    np.testing.assert_array_equal(cubes[1, 2, 3, 1], [5.5, 9.5, 13.5, 15])


def test_decoding_inverts_the_targets():
    cubes = anchors.grid((6, 6, 6), [5, 15, 30])
    truth = np.float32([[11, 13, 9, 14], [4, 20, 20, 5.5]])
    label, shift = anchors.targets(cubes, truth, np.zeros((0, 4), np.float32))
    output = np.concatenate((np.where(label == 1, 3.0, -3.0)[..., None], shift), -1)
    score, found = anchors.decode(output, cubes)
    assert (label == 1).any() and ((score > 0.5) == (label == 1)).all()
    for cube in found[label == 1]:
        assert np.abs(truth - cube).max(1).min() < 1e-4
    assert (label[0, 0, 5] == 0).any()


def test_every_truth_has_a_positive_anchor_whatever_its_size():
    cubes = anchors.grid((16, 16, 16), [5, 15, 30])
    for side in (3, 4, 7, 9, 11, 20, 25, 40):
        truth = np.float32([[31, 30, 33, side]])
        label, _ = anchors.targets(cubes, truth, truth[:0])
        overlap = anchors.iou(cubes, truth[0])
        assert (label[overlap == overlap.max()] == 1).all()
        assert (label[overlap < 0.02] == 0).all() and (label[overlap >= 0.5] == 1).all()


def test_boxes_to_ignore_are_neither():
    cubes = anchors.grid((8, 8, 8), [5])
    ignore = np.float32([[16, 16, 16, 12]])
    label, _ = anchors.targets(cubes, ignore[:0], ignore)
    touched = anchors.iou(cubes, ignore[0]) >= 0.02
    assert touched.any() and (label[touched] == -1).all() and (label[~touched] == 0).all()


def test_suppression_keeps_the_best_of_each_heap():
    cubes = np.float32([[0, 0, 0, 4], [0, 0, 1, 4], [20, 0, 0, 4], [0, 0, 30, 4]])
    assert anchors.suppress(np.float32([0.5, 0.9, 0.7, 0.1]), cubes, 0.05) == [1, 2, 3]


def test_froc_by_hand():
    def case(boxes):
        lesions = [Lesion(label, np.array([[c[2] - s / 2, c[1] - s / 2, c[0] - s / 2], [c[2] + s / 2, c[1] + s / 2, c[0] + s / 2]]))
                   for label, (*c, s) in boxes]  # fmt: skip
        return Case("", None, None, 0.0, np.ones(3), np.zeros(3), np.eye(3)[::-1], lesions)

    first = case([("covid19", (10, 10, 10, 6)), ("irrelevant", (30, 30, 30, 4)), ("ignore", (50, 50, 50, 8))])
    second = case([("influenza_a", (10, 10, 10, 6))])
    found = [
        (np.float32([0.9, 0.8, 0.7]), np.float32([[10, 11, 10, 6], [70, 10, 10, 6], [50, 50, 50, 6]]), first),
        (np.float32([0.6, 0.5]), np.float32([[40, 10, 10, 6], [10, 10, 11, 5]]), second),
    ]
    # One lesion of three is found without a false positive; the second one after two, one a CT; the third never.
    assert froc.sensitivity(found, 0) == pytest.approx(1 / 3)
    assert froc.sensitivity(found, 0.5) == pytest.approx(1 / 3)
    assert froc.sensitivity(found, 1) == pytest.approx(2 / 3)
