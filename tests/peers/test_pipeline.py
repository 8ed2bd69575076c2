"""The whole path with the demo weights on a small phantom: what `pleura extract` and `pleura screen` find is what PyTorch finds
on the same voxels. This is what training relies on."""

import json
import shutil
import subprocess
from dataclasses import replace

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


def test_proposals(case, model):
    network = model.networks["segmenter"]
    settings = network.settings
    read = read_case(case)
    predict = lambda rules: segmenter.predict(to_module(network), read, rules, "cpu", Precision("cpu", "fp32"), settings.threshold)
    score, cubes = predict(settings)
    every_score, every_cube = predict(replace(settings, nms_iou=2, max_regions=10**6))  # nothing suppressed
    with h5py.File(case / "extract.h5") as file:
        assert (file["proposals/source"][()] == 0).all()
        np.testing.assert_allclose(file["proposals/score"][()], score, atol=1e-3)
        found = file["proposals/box_mm"][()]
    boxes, every_box = (np.array([read.world_box(cube) for cube in some]) for some in (cubes, every_cube))
    for i in np.flatnonzero(np.abs(found - boxes).max((1, 2)) >= 0.05):
        # Allowed is a tie alone: PyTorch has this box too, it overlaps the one kept, and their scores are equal to rounding.
        tied = np.abs(every_box - found[i]).max((1, 2)) < 0.05
        assert tied.any(), f"proposal {i}: PyTorch has no box {found[i]}"
        assert np.abs(every_score[tied] - score[i]).min() < 1e-5, f"proposal {i}: {every_score[tied]} against {score[i]}"
        assert len(anchors.suppress(score[[i, i]], np.stack([cubes[i], every_cube[tied][0]]), settings.nms_iou)) == 1
    assert len(score), "the demo weights should propose something in a phantom with lesions"


def test_votes(case, model):
    network = model.networks["classifiers/m2"]
    with h5py.File(case / "extract.h5") as file:
        boxes, hu, distance = (file[name][()] for name in ("proposals/box_mm", "patches/hu", "patches/distance"))
    patches = Patches(hu, distance, np.zeros(len(hu), np.int64), np.zeros(len(hu), np.int64))
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
