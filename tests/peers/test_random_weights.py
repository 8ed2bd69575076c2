"""`pleura weights random` and Python write the same weights."""

import subprocess

import numpy as np
import pytest
from pleura_training.weights import random_model, read_model, write_model


@pytest.mark.parametrize("architecture", ("vnet", "vnet-monai", "vnet-rpn", "vnet-ir-rpn", "classifier-m1", "classifier-m2"))
def test_same_bytes(programs, tmp_path, architecture):
    seed, file = 2**63 + 11, tmp_path / "random.h5"
    subprocess.run(
        [programs / "pleura", "weights", "random", "--arch", architecture, "--seed", str(seed), "--out", file], check=True
    )
    theirs, ours = read_model(file), random_model(architecture, seed)
    assert theirs.networks.keys() == ours.networks.keys()
    for path, network in ours.networks.items():
        other = theirs.networks[path]
        assert other.hyper == network.hyper and other.settings == network.settings
        assert other.tensors.keys() == network.tensors.keys()
        for name, value in network.tensors.items():
            assert other.tensors[name].shape == value.shape and other.tensors[name].tobytes() == value.tobytes(), name


def test_pleura_reads_what_python_writes(programs, tmp_path):
    model = random_model("vnet-ir-rpn", 3, [4, 8, 8, 8, 16])
    write_model(model, tmp_path / "all.h5", fp16=True)
    done = subprocess.run([programs / "pleura", "inspect", tmp_path / "all.h5"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "inception-resnet" in done.stdout


def test_pleura_refuses_a_tensor_with_nan(programs, tmp_path):
    import h5py

    write_model(random_model("classifier-m1", 3), tmp_path / "nan.h5")
    with h5py.File(tmp_path / "nan.h5", "r+") as file:
        file["classifiers/m1/tensors/fc.out.bias"][1] = np.nan
    done = subprocess.run([programs / "pleura", "inspect", tmp_path / "nan.h5"], capture_output=True, text=True)
    assert done.returncode == 3 and "fc.out.bias" in done.stderr
