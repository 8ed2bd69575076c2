"""ONNX Runtime as a further witness: another implementation of the same network, from PyTorch's export."""

import numpy as np
import onnxruntime
import pytest
import torch
from pleura_training.random_weights import uniform
from pleura_training.weights import random_model, to_module

from engine import run_network
from errors import accept


@pytest.mark.parametrize("architecture", ("vnet-ir-rpn", "vnet-rpn", "classifier-m2"))
def test_against_onnx_runtime(programs, tmp_path, architecture):
    model = random_model(architecture, 4, [8, 16, 32, 64, 128] if architecture.startswith("vnet") else None)
    shapes = {"input": (5, 3, 60, 60), "distances": (5,)} if architecture == "classifier-m2" else {"input": (1, 1, 32, 48, 16)}
    inputs = {name: uniform(name, 3, int(np.prod(shape))).reshape(shape) for name, shape in shapes.items()}
    network = next(iter(model.networks.values()))
    tensors = tuple(torch.from_numpy(x) for x in inputs.values())
    module = to_module(network)
    torch.onnx.export(module, tensors, tmp_path / "net.onnx", input_names=list(inputs), dynamo=False)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    (ref,) = session.run(None, inputs)
    with torch.no_grad():
        exact = module.double()(*(tensor.double() for tensor in tensors)).numpy()
    # Two results in fp32 lie as far apart as both lie from the truth.
    own = accept(ref, exact, 1e-5)
    accept(run_network(programs, tmp_path, model, *inputs.values()), ref, 1e-5 + max(own.values()))
