"""The baseline of three numbers: it learns what they tell, and nothing where they tell nothing."""

import numpy as np

from pleura_training.baseline import features, predict_out_of_fold, scores
from pleura_training.patches import Patches


def patches(hu_of_class: tuple[float, ...], regions: int = 300) -> Patches:
    """Noise about a mean of each class's own; a distance that tells nothing."""
    rng = np.random.default_rng(5)
    label = np.arange(regions) % 3
    hu = rng.normal(np.array(hu_of_class)[label][:, None, None, None], 60, (regions, 5, 12, 12)).astype(np.int16)
    return Patches(hu, rng.uniform(0, 0.2, (regions, 3)), label, np.arange(regions) // 10, np.full(regions, np.nan), 60)


def mean_f1(data: Patches) -> float:
    y, case = np.repeat(data.label, 3), np.repeat(data.case, 3)
    return scores(predict_out_of_fold(features(data), y, case, balanced=True), y)["mean_f1"]


def test_features_are_mean_deviation_and_distance():
    data = patches((-700, -500, -300), regions=6)
    x = features(data)
    assert x.shape == (18, 3)
    np.testing.assert_allclose(x[4], [data.hu[1, 2].mean(), data.hu[1, 2].std(), data.distance[1, 1]], rtol=1e-5)


def test_tells_classes_apart_by_their_density():
    assert mean_f1(patches((-700, -500, -300))) > 0.95


def test_finds_nothing_where_there_is_nothing():
    assert mean_f1(patches((-500, -500, -500))) < 0.5


def test_scores_are_those_of_a_confusion_matrix_by_hand():
    # covid19: 2 of 3 found, 1 false; influenza_a: 1 of 1 found, 1 false; irrelevant: 0 of 1 found.
    table = scores(np.array([0, 0, 1, 1, 0]), np.array([0, 0, 0, 1, 2]))
    assert table["covid19"]["recall"] == 2 / 3 and table["covid19"]["precision"] == 2 / 3
    assert table["influenza_a"]["f1"] == 2 / 3
    assert table["irrelevant"]["f1"] == 0
    np.testing.assert_allclose(table["mean_f1"], (2 / 3 + 2 / 3 + 0) / 3)
