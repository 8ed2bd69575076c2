"""The whole path with the demo weights on a small phantom: what `pleura extract` and `pleura screen` find is what PyTorch finds
on the same voxels. This is what training relies on."""

import json
import shutil
import subprocess

import h5py
import numpy as np
import pytest
from conftest import ROOT
from pleura_training import anchors, classifier, segmenter
from pleura_training.cases import read_case
from pleura_training.patches import Patches
from pleura_training.precision import Precision
from pleura_training.weights import read_model, to_module

WEIGHTS = ROOT / "weights" / "demo" / "pleura-demo.h5"


@pytest.fixture(scope="module")
def case(programs, tmp_path_factory):
    """Folder of a phantom, extracted and screened."""
    folder = tmp_path_factory.mktemp("phantom") / "case"

    def pleura(*arguments):
        done = subprocess.run([programs / "pleura", *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    options = "--seed 9100 --findings covid19 --spacing 6,1.6,1.6 --matrix 224 --format nifti"
    pleura("phantom", *options.split(), "--out", folder)
    pleura("extract", folder / "ct.nii.gz", "--weights", WEIGHTS, "--out", folder / "extract.h5")
    pleura("screen", folder / "ct.nii.gz", "--weights", WEIGHTS, "--out", folder / "result")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def model():
    return read_model(WEIGHTS)


def test_proposals(case, model, monkeypatch):
    network = model.networks["segmenter"]
    settings = network.settings
    read = read_case(case)
    with h5py.File(case / "extract.h5") as file:
        assert (file["proposals/source"][()] == 0).all()
        found, found_score = file["proposals/box_mm"][()], file["proposals/score"][()]

    def suppress(score, cubes, limit, greedy=anchors.suppress):
        """Of boxes whose scores are equal to rounding, the one that pleura took stays: many next to a lesion are near 1."""
        taken = [np.abs(cubes - read.cube(box)).max(1) < 0.02 for box in found]
        return greedy(score + 1e-5 * np.any(taken, 0), cubes, limit)

    monkeypatch.setattr(anchors, "suppress", suppress)
    score, cubes = segmenter.predict(to_module(network), read, settings, "cpu", Precision("cpu", "fp32"), settings.threshold)
    assert len(score), "the demo weights should propose something in a phantom with lesions"
    np.testing.assert_allclose(found_score, score, atol=1e-3)
    boxes = np.array([read.world_box(cube) for cube in cubes])
    gaps = np.abs(found[:, None] - boxes[None]).max((2, 3))
    assert gaps.min(0).max() < 0.05 and gaps.min(1).max() < 0.05


def test_votes(case, model):
    network = model.networks["classifiers/m2"]
    with h5py.File(case / "extract.h5") as file:
        boxes, hu, distance = (file[name][()] for name in ("proposals/box_mm", "patches/hu", "patches/distance"))
    patches = Patches(hu, distance, *np.zeros((3, len(hu)), np.int64), network.settings.field_mm)
    expected = classifier.predict(to_module(network), patches, network.settings).reshape(-1, 3, 3)
    regions = json.loads(next((case / "result").glob("**/result.json")).read_text())["regions"]
    assert len(regions) == len(boxes)
    labels = ("covid19", "influenza_a", "irrelevant")
    for region in regions:
        gap = np.abs(boxes[:, 0] - region["box_mm"]["low"]).max(1)
        assert gap.min() < 0.05
        for vote, probabilities in zip(region["votes"], expected[gap.argmin()]):
            assert vote["confidence"] == pytest.approx(probabilities.max(), abs=1e-3)
            assert vote["label"] == labels[probabilities.argmax()]
