"""A training smoke test on toy cases: the loss falls, the first steps repeat bit for bit, a run resumes where it stopped."""

import numpy as np
import pytest
import torch

from pleura_training import classifier, export, run, segmenter, toy, weights
from pleura_training.checkpoint import start_of
from pleura_training.curves import read_rows


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    for seed in range(4):
        toy.toy_case(folder / f"case{seed}", seed)
    return folder


SMALL = "--channels 8 16 32 64 64 --crop 48 --threads 1"


def segment(cases, out, options):
    return segmenter.main(f"--train {cases} --out {out} {SMALL} {options}".split())


def classify(cases, out, options):
    return classifier.main(f"m2 --train {cases} --out {out} --threads 1 {options}".split())


@pytest.mark.parametrize("train,options", ((segment, "--steps 50 --batch 2"), (classify, "--steps 60 --batch 8")))
def test_loss_falls_on_one_case(cases, tmp_path, train, options):
    losses = train(cases, tmp_path, f"{options} --overfit")
    assert np.isfinite(losses).all()
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


@pytest.mark.parametrize("train", (segment, classify))
def test_first_steps_repeat_bit_for_bit(cases, tmp_path, train):
    first, second = (train(cases, tmp_path / name, "--steps 20 --batch 2") for name in ("a", "b"))
    assert first == second


@pytest.mark.parametrize("train,name", ((segment, "segmenter"), (classify, "m2")))
def test_a_killed_run_resumes_to_the_same_weights(cases, tmp_path, train, name, monkeypatch):
    whole = train(cases, tmp_path / "whole", "--steps 6 --batch 2 --every 3")
    save = run.save_checkpoint

    def stop(*arguments, **state):
        save(*arguments, **state)
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "save_checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        train(cases, tmp_path / "parts", "--steps 6 --batch 2 --every 3")
    monkeypatch.setattr(run, "save_checkpoint", save)
    assert train(cases, tmp_path / "parts", "--steps 6 --batch 2 --every 3") == whole[3:]
    saved = [torch.load(tmp_path / folder / f"{name}.pt", weights_only=True)["network"] for folder in ("whole", "parts")]
    assert all(torch.equal(saved[0][key], saved[1][key]) for key in saved[0])
    rows = [read_rows(tmp_path / folder / f"{name}.csv") for folder in ("whole", "parts")]
    assert [row["step"] for row in rows[0]] == [row["step"] for row in rows[1]] == [3, 6]


def test_m2_starts_from_m1_with_its_distance_ignored(cases, tmp_path):
    classifier.main(f"m1 --train {cases} --out {tmp_path} --threads 1 --steps 2 --batch 2".split())
    m1, m2 = (classifier.start_from(tmp_path / "m1.pt", model) for model in ("m1", "m2"))
    assert m2["fc.1.weight"].shape == (8, 17) and m1["fc.1.weight"].shape == (8, 16)
    assert torch.equal(m2["fc.1.weight"][:, :16], m1["fc.1.weight"]) and not m2["fc.1.weight"][:, 16].any()
    classify(cases, tmp_path, f"--steps 1 --batch 2 --start {tmp_path / 'm1.pt'}")


def test_export_joins_the_networks(cases, tmp_path, monkeypatch):
    segment(cases, tmp_path, "--steps 2 --batch 2")
    classify(cases, tmp_path, "--steps 2 --batch 2")
    checkpoints = [str(tmp_path / name) for name in ("segmenter.pt", "m2.pt")]
    monkeypatch.setattr("sys.argv", ["export", *checkpoints, "--out", str(tmp_path / "w.h5"), "--threshold", "0.25"])
    export.main()
    model = weights.read_model(tmp_path / "w.h5")
    assert set(model.networks) == {"segmenter", "classifiers/m2"}
    assert model.networks["segmenter"].settings.threshold == 0.25
    assert "segmenter: 4 cases" in model.provenance and "m2: 4 cases" in model.provenance
    saved = torch.load(tmp_path / "m2.pt", weights_only=True)["network"]
    for name, value in model.networks["classifiers/m2"].tensors.items():
        np.testing.assert_array_equal(value, saved[name].numpy())
    for path, checkpoint in (("segmenter", "segmenter.pt"), ("classifiers/m2", "m2.pt")):
        from_file, from_run = (start_of(tmp_path / name, path) for name in ("w.h5", checkpoint))
        assert from_file.keys() == from_run.keys()
        assert all(torch.equal(from_file[name], from_run[name]) for name in from_run if not name.endswith("num_batches_tracked"))
