"""Every whole network at the paper's width against PyTorch: He-scaled random weights, compared on logits."""

import copy

import numpy as np
import pytest
import torch
from pleura_training.random_weights import uniform
from pleura_training.weights import random_model, to_module

from engine import run_network
from errors import accept, errors

TOLERANCE = {"fp32": 1e-5, "bf16": 2e-2}
DTYPE = {"fp32": torch.float32, "bf16": torch.bfloat16}
# Three different sizes; 16 is the smallest, one voxel at the bottom of the network.
VOLUME = (1, 1, 32, 16, 48)
PATCHES = (7, 3, 60, 60)
ARCHITECTURES = ("vnet", "vnet-monai", "vnet-rpn", "vnet-ir-rpn", "classifier-m1", "classifier-m2")


def draw(name: str, shape: tuple[int, ...]) -> np.ndarray:
    return uniform(name, 2, int(np.prod(shape))).reshape(shape)


@pytest.fixture(scope="module")
def reference():
    """Model, inputs, logits in float64 and PyTorch's own errors, by architecture."""
    known = {}

    def get(architecture: str):
        if architecture not in known:
            known.clear()  # one at a time: these are large
            model = random_model(architecture, 20)
            network = next(iter(model.networks.values()))
            module = to_module(network)
            image = architecture.startswith("classifier")
            inputs = [draw("input", PATCHES if image else VOLUME)]
            if architecture.endswith("m2"):
                inputs.append(draw("distances", PATCHES[:1]))
            run = lambda module, dtype: module(*(torch.from_numpy(x).to(dtype) for x in inputs)).double().numpy()
            with torch.no_grad():
                ref = run(copy.deepcopy(module).double(), torch.float64)
                own = {name: errors(run(copy.deepcopy(module).to(dtype), dtype), ref) for name, dtype in DTYPE.items()}
            known[architecture] = model, inputs, ref, own
        return known[architecture]

    return get


@pytest.mark.parametrize("precision", TOLERANCE)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_against_pytorch(programs, tmp_path, reference, architecture, precision):
    model, inputs, ref, own = reference(architecture)
    assert ref.std() > 0.1 * np.abs(ref).max(), "flat logits would hide errors"
    out = run_network(programs, tmp_path, model, *inputs, precision=precision)
    found = accept(out, ref, TOLERANCE[precision], own[precision])
    print(architecture, precision, "ours", found, "PyTorch", own[precision])


@pytest.mark.parametrize("architecture", ("vnet-ir-rpn", "classifier-m2"))
def test_reference_backend(programs, tmp_path, reference, architecture):
    model, inputs, ref, own = reference(architecture)
    accept(run_network(programs, tmp_path, model, *inputs, device="reference"), ref, TOLERANCE["fp32"], own["fp32"])
