"""Regions of a real CT against labels of its slices, counted by hand."""

import numpy as np

from pleura_training.slices import coverage


def region(label, low, high):
    return {"label": label, "box_voxels": {"low": [low, 0, 0], "high": [high, 9, 9]}}


def test_coverage_by_hand():
    infected = np.array([0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1])  # of 10 slices, and two that no CT has
    regions = [region("covid19", 0, 3), region("influenza_a", 2, 5), region("irrelevant", 6, 7), region("covid19", 7, 9)]
    assert coverage({"geometry": {"shape": [10, 64, 64]}, "regions": regions}, infected) == {
        "infected_slices": 4, "covered": 3, "healthy_slices": 6, "healthy_covered": 4, "regions": 3, "false_regions": 1,
    }  # fmt: skip
