"""Labels of regions and the images cut from them, worked by hand."""

import h5py
import numpy as np
import pytest

from pleura_training.cases import Lesion
from pleura_training.classifier import chances
from pleura_training.patches import Patches, augment, box_iou, read_patches, region_label, windows
from pleura_training.settings import ClassifierSettings
from pleura_training.toy import toy_case


def box(low, high):
    return np.array([[low] * 3, [high] * 3], float)


LESIONS = [Lesion("covid19", box(0, 10)), Lesion("irrelevant", box(20, 30)), Lesion("ignore", box(40, 50))]


@pytest.mark.parametrize(
    "low,high,label",
    ((1, 9, 0), (4, 12, 0), (21, 31, 2), (60, 70, 2), (42, 48, None), (6, 15, None), (-20, 30, 0)),
)
def test_region_label(low, high, label):
    assert region_label(box(low, high), LESIONS) == label


def test_box_iou():
    assert box_iou(box(0, 2), box(1, 3)) == pytest.approx(1 / 15)
    assert box_iou(box(0, 2), box(2, 3)) == 0


def test_images_of_a_region():
    hu = np.arange(5, dtype=np.int16)[None, :, None, None] * np.ones((1, 5, 60, 60), np.int16)
    patches = Patches(hu, np.array([[0.1, 0.2, 0.3]]), np.array([1]), np.array([0]), np.array([0.5]), 60)
    images, distance, label = patches.images(ClassifierSettings())
    assert images[:, :, 0, 0].tolist() == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]
    np.testing.assert_allclose(distance, [0, 1, 2], atol=1e-6)
    assert label.tolist() == [1, 1, 1]
    patches.distance[0, 2] = 68.2  # beside a few voxels of lung
    np.testing.assert_allclose(patches.images(ClassifierSettings())[1], [0, 1, 4], atol=1e-6)
    neighbours, _, _ = patches.images(ClassifierSettings(image="neighbours"))
    assert neighbours[:, :, 0, 0].tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]


def test_patches_of_different_fields_of_view_are_refused(tmp_path):
    for name in ("a", "b"):
        toy_case(tmp_path / name, 1)
    folders = [tmp_path / "a", tmp_path / "b"]
    found = read_patches(folders).field_mm
    with h5py.File(folders[1] / "extract.h5", "r+") as file:
        file["patches"].attrs["field_mm"] = found + 1
    with pytest.raises(SystemExit, match="different fields of view"):
        read_patches(folders)
    with pytest.raises(SystemExit, match="different fields of view"):
        read_patches(folders[:1], found + 1)


def test_windows():
    image = np.float32([-1200, -300, 600]).reshape(1, 3, 1, 1)
    bounds = [[-1200, 600], [-1200, 600], [-160, 240]]
    assert windows(image, ClassifierSettings(image="windows", windows=bounds)).ravel().tolist() == [-1, 0, 1]
    bounds = [[-1200, 600], [0, 1], [0, 1]]
    assert windows(image, ClassifierSettings(image="neighbours", windows=bounds)).ravel().tolist() == [-1, 0, 1]


@pytest.mark.parametrize("kind", ("windows", "neighbours"))
def test_augmentation_keeps_shape_and_mean(kind):
    rng = np.random.default_rng(3)
    image = np.full((4, 3, 60, 60), -500, np.int16)
    out = augment(image, rng, kind)
    assert out.shape == image.shape and np.abs(out.mean((1, 2, 3)) + 500).max() < 40
    assert not np.array_equal(out[0], out[1])
    assert np.array_equal(out[:, 0], out[:, 1]) == (kind == "windows"), "noise is a slice's own"


def test_augmentation_makes_images_softer_and_sharper():
    rng = np.random.default_rng(5)
    stripes = np.broadcast_to(np.where(np.arange(60) // 4 % 2, -300, -700), (64, 3, 60, 60)).astype(np.int16)
    contrast = augment(stripes, rng, "windows").std((1, 2, 3))
    assert contrast.min() < 180 and contrast.max() > 230, "calibration and noise alone: 194 to 210"


def test_irrelevant_regions_that_were_taken_for_lesions_are_drawn_often():
    score, label = np.array([0.9, np.nan, 0.2, 0.9, np.nan]), np.array([2, 2, 2, 0, 1])
    patches = Patches(np.zeros((5, 5, 60, 60), np.int16), np.zeros((5, 3)), label, np.zeros(5), score, 60)
    np.testing.assert_allclose(chances(patches), np.array([10, 1, 1, 3, 3]) / 18)
