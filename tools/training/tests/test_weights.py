"""The weights file and random weights, held against hand-worked values and a naive twin."""

import numpy as np
import pytest
import torch

from pleura_training import random_weights, weights
from pleura_training.networks import build
from pleura_training.settings import ARCHITECTURES

PARAMETERS = {"vnet": 61.98e6, "vnet-monai": 45.6e6, "vnet-rpn": 61.3e6, "vnet-ir-rpn": 3.95e6, "classifier-m2": 57e3}


@pytest.mark.parametrize("architecture", PARAMETERS)
def test_parameters_of_the_papers_width(architecture):
    with torch.device("meta"):
        count = sum(p.numel() for p in build(ARCHITECTURES[architecture]).parameters())
    assert count == pytest.approx(PARAMETERS[architecture], rel=0.01)


def naive_uniform(name: str, seed: int, index: int) -> np.float32:
    """docs/weights-format.md in Python's own integers."""
    mask = 2**64 - 1
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) & mask
    z = ((key ^ seed) + index * 0x9E3779B97F4A7C15) & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    z ^= z >> 31
    return np.float32((z >> 40) / 2**23 - 1)


def test_uniform_is_the_documented_counter():
    name, seed = "segmenter/stem.conv.weight", 0xFFFFFFFF00000001
    values = random_weights.uniform(name, seed, (1 << 20) + 2)
    for index in (0, 1, 2, 12345, 1 << 20, (1 << 20) + 1):
        assert values[index] == naive_uniform(name, seed, index)
    assert -1 <= values.min() and values.max() < 1 and abs(values.mean()) < 1e-2


def test_ranges_by_kind_of_tensor():
    tensors = weights.random_model("vnet-ir-rpn", 5, [4, 4, 8, 8, 16]).networks["segmenter"].tensors
    bounds = {
        "stem.conv.weight": (-np.sqrt(6 / 125), np.sqrt(6 / 125)),
        "up3.up.weight": (-np.sqrt(6 / 16), np.sqrt(6 / 16)),
        "stem.conv.bias": (-0.1, 0.1),
        "stem.norm.weight": (0.5, 1.5),
        "stem.norm.running_mean": (-0.1, 0.1),
        "down1.convs.0.reduce_norm.running_var": (0.5, 1.5),
        "down1.convs.0.mid1_act.weight": (0.15, 0.35),
    }
    for name, (low, high) in bounds.items():
        value = tensors[name]
        assert low - 1e-6 <= value.min() and value.max() <= high + 1e-6
        assert value.size == 1 or value.max() - value.min() > 0.2 * (high - low)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("fp16", (False, True))
def test_round_trip(tmp_path, architecture, fp16):
    channels = [4, 8, 8, 8, 16] if architecture.startswith("vnet") else None
    model = weights.random_model(architecture, 7, channels)
    weights.write_model(model, tmp_path / "w.h5", fp16)
    read = weights.read_model(tmp_path / "w.h5")
    assert read.name == model.name and read.provenance == model.provenance
    assert read.networks.keys() == model.networks.keys()
    for path, network in read.networks.items():
        original = model.networks[path]
        assert network.hyper == original.hyper and network.settings == original.settings
        assert network.tensors.keys() == original.tensors.keys()
        for name, value in original.tensors.items():
            expected = value.astype(np.float16).astype(np.float32) if fp16 else value
            np.testing.assert_array_equal(network.tensors[name], expected)
        state = weights.from_state_dict(weights.to_module(network).state_dict())
        assert all((state[name] == network.tensors[name]).all() for name in network.tensors)


def test_values_that_are_not_finite_are_refused(tmp_path):
    model = weights.random_model("classifier-m1", 7)
    model.networks["classifiers/m1"].tensors["fc.out.bias"][1] = np.nan
    with pytest.raises(ValueError, match="fc.out.bias"):
        weights.write_model(model, tmp_path / "w.h5")
    assert not (tmp_path / "w.h5").exists()


def test_a_tensor_too_many_is_refused():
    network = weights.random_model("classifier-m1", 7).networks["classifiers/m1"]
    network.tensors["fc.9.bias"] = np.zeros(3, np.float32)
    with pytest.raises(ValueError, match="fc.9.bias"):
        weights.to_module(network)
