"""Makes torch.json and NAME.npy beside it: logits of whole networks with random weights (docs/weights-format.md, "Random
weights") from PyTorch in float64, with PyTorch's own errors in fp32 and bf16.

Run with tools/training on PYTHONPATH: python tests/layers/reference/make_reference.py
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from pleura_training.networks import build
from pleura_training.random_weights import random_tensors, uniform
from pleura_training.settings import ARCHITECTURES, ClassifierHyper

HERE = Path(__file__).parent
SEED = 7
NARROW = [4, 8, 12, 20, 24]

# name, architecture, changes to its hyperparameters, input: (z, y, x) of a volume or the number of patches
CASES = [
    ("vnet", "vnet", {}, (16, 16, 32)),
    ("vnet-monai", "vnet-monai", {}, (16, 16, 16)),
    ("vnet-rpn", "vnet-rpn", {}, (32, 16, 48)),
    ("vnet-ir-rpn", "vnet-ir-rpn", {}, (16, 48, 32)),
    ("narrow-vnet", "vnet", {"channels": NARROW, "up_convs": [1, 2, 3, 2], "activation": "relu"}, (16, 16, 16)),
    ("narrow-monai", "vnet-monai", {"channels": NARROW, "down_convs": [2, 1, 1, 2]}, (16, 16, 16)),
    ("narrow-rpn", "vnet-rpn", {"channels": NARROW, "norm": "none", "anchors": 2, "extra_classes": 1}, (16, 48, 32)),
    ("narrow-ir-rpn", "vnet-ir-rpn", {"channels": [4, 8, 12, 20, 28], "activation": "elu"}, (48, 16, 32)),
    ("narrow-ir-vnet", "vnet-ir-rpn", {"channels": [4, 8, 12, 20, 24], "rpn": False}, (16, 16, 16)),
    ("classifier-m1", "classifier-m1", {}, 5),
    ("classifier-m2", "classifier-m2", {}, 5),
    ("short-classifier", "classifier-m2", {"blocks": 2, "hidden": [12, 7, 5], "pixels": 44}, 3),
]


def draw(name: str, *shape: int) -> torch.Tensor:
    return torch.from_numpy(uniform(name, SEED, int(np.prod(shape))).reshape(shape))


def run(name: str, hyper, size, dtype: torch.dtype) -> torch.Tensor:
    """Logits, channels last."""
    network = build(hyper).eval()
    shapes = {key: tuple(t.shape) for key, t in network.state_dict().items() if not key.endswith("num_batches_tracked")}
    if isinstance(hyper, ClassifierHyper):
        prefix = "classifiers/m2/" if hyper.uses_distance else "classifiers/m1/"
    else:
        prefix = "segmenter/"
    tensors = random_tensors(shapes, prefix, SEED)
    network.load_state_dict({key: torch.from_numpy(values) for key, values in tensors.items()}, strict=False)
    network = network.to(dtype)
    with torch.no_grad():
        if not isinstance(hyper, ClassifierHyper):
            x = draw(name + "/input", 1, *size, 1).permute(0, 4, 1, 2, 3).to(dtype)
            return network(x).permute(0, 2, 3, 4, 1)
        patches = draw(name + "/input", size, hyper.pixels, hyper.pixels, 3).permute(0, 3, 1, 2).to(dtype)
        distances = draw(name + "/distances", size).to(dtype) if hyper.uses_distance else None
        return network(patches, distances)[:, None, None, None, :]


def errors(out: torch.Tensor, reference: torch.Tensor) -> dict[str, float]:
    difference = out.double() - reference
    outer = torch.zeros(reference.shape[1:4], dtype=torch.bool)
    for axis, size in enumerate(outer.shape):
        if size > 1:
            outer.select(axis, 0)[...] = True
            outer.select(axis, size - 1)[...] = True
    border = float(difference[:, outer].norm() / reference[:, outer].norm()) if outer.any() else 0.0
    return {
        "l2": float(difference.norm() / reference.norm()),
        "max": float(difference.abs().max() / reference.abs().max()),
        "border": border,
    }


def main() -> None:
    table = []
    for name, architecture, changes, size in CASES:
        hyper = replace(ARCHITECTURES[architecture], **changes)
        reference = run(name, hyper, size, torch.float64)
        np.save(HERE / f"{name}.npy", reference.float().contiguous().numpy())
        table.append({
            "name": name, "seed": SEED, "hyper": asdict(hyper), "input": size,
            "fp32": errors(run(name, hyper, size, torch.float32), reference),
            "bf16": errors(run(name, hyper, size, torch.bfloat16), reference),
        })
        print(name, table[-1]["fp32"], table[-1]["bf16"])
    (HERE / "torch.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
