"""Makes torch.json and NAME.npy beside it: outputs of every kind of layer from PyTorch in float64, with PyTorch's own
errors in fp32 and bf16. Inputs and weights come from names alone (docs/weights-format.md, "Random weights").

Run with tools/training on PYTHONPATH: python tests/kernels/reference/make_reference.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from pleura_training.random_weights import uniform
from torch.nn import functional as F

HERE = Path(__file__).parent
NONE, PRELU, ELU, RELU = "none", "prelu", "elu", "relu"

# name, operation, input (n, d, h, w, c), outputs, kernel, stride, padding, two stages (residual channels, activation)
CASES = [
    ("stem", "conv", (1, 6, 7, 9, 1), 16, (5, 5, 5), 1, (2, 2, 2), [(1, PRELU), (0, NONE)]),
    ("conv5", "conv", (1, 5, 7, 6, 16), 16, (5, 5, 5), 1, (2, 2, 2), [(16, PRELU), (0, NONE)]),
    ("conv5-monai", "conv", (1, 4, 6, 5, 32), 32, (5, 5, 5), 1, (2, 2, 2), [(0, ELU), (32, ELU)]),
    ("down", "conv", (1, 6, 8, 10, 16), 32, (2, 2, 2), 2, (0, 0, 0), [(0, PRELU), (0, NONE)]),
    ("mid", "conv", (1, 5, 6, 7, 8), 8, (3, 3, 3), 1, (1, 1, 1), [(0, PRELU), (0, NONE)]),
    ("expand", "conv", (1, 4, 5, 3, 24), 32, (1, 1, 1), 1, (0, 0, 0), [(32, PRELU), (32, PRELU)]),
    ("image", "conv", (2, 1, 9, 11, 3), 16, (1, 3, 3), 1, (0, 1, 1), [(16, RELU), (0, NONE)]),
    ("linear", "conv", (3, 1, 8, 8, 4), 16, (1, 8, 8), 1, (0, 0, 0), [(0, RELU), (0, NONE)]),
    ("up", "deconv", (1, 3, 4, 5, 32), 16, (2, 2, 2), 2, (0, 0, 0), [(0, PRELU), (0, NONE)]),
    ("pool", "pool", (2, 1, 15, 12, 4), 4, (1, 2, 2), 2, (0, 0, 0), [(0, NONE), (0, NONE)]),
]


def to_torch(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values).permute(0, 4, 1, 2, 3)


def activate(kind: str, x: torch.Tensor, slopes: torch.Tensor) -> torch.Tensor:
    return {NONE: lambda: x, RELU: lambda: F.relu(x), ELU: lambda: F.elu(x), PRELU: lambda: F.prelu(x, slopes)}[kind]()


def run(case, dtype: torch.dtype) -> torch.Tensor:
    name, operation, shape, outputs, kernel, stride, padding, stages = case

    def draw(what, *sizes, low=0.0, high=1.0):
        values = np.float32(low) + np.float32(high) * uniform(f"{name}/{what}", 0, int(np.prod(sizes)))
        return values.reshape(sizes)

    x = to_torch(draw("input", *shape)).to(dtype)
    if operation == "pool":
        return F.max_pool3d(x, kernel, ceil_mode=True)
    inputs = shape[4]
    fan_in = inputs if operation == "deconv" else inputs * int(np.prod(kernel))
    sizes = (inputs, outputs, *kernel) if operation == "deconv" else (outputs, inputs, *kernel)
    weight = torch.from_numpy(draw("kernel", *sizes, high=np.sqrt(6 / fan_in))).to(dtype)
    bias = torch.from_numpy(draw("bias", outputs, high=0.1)).to(dtype)
    convolve = F.conv_transpose3d if operation == "deconv" else F.conv3d
    y = convolve(x, weight, bias, stride=stride if stride == 1 else kernel, padding=padding)
    for i, (channels, activation) in enumerate(stages):
        if channels:
            spatial = (y.shape[0], *y.shape[2:], channels)
            y = y + to_torch(draw(f"residual{i}", *spatial)).to(dtype)
        slopes = torch.from_numpy(draw(f"slopes{i}", outputs, low=0.25, high=0.1)).to(dtype)
        y = activate(activation, y, slopes)
    return y


def errors(out: torch.Tensor, reference: torch.Tensor) -> dict[str, float]:
    difference = out.double() - reference
    outer = torch.zeros(reference.shape[2:], dtype=torch.bool)
    for axis, size in enumerate(outer.shape):
        if size > 1:
            outer.select(axis, 0)[...] = True
            outer.select(axis, size - 1)[...] = True
    border = float(difference[:, :, outer].norm() / reference[:, :, outer].norm()) if outer.any() else 0.0
    return {
        "l2": float(difference.norm() / reference.norm()),
        "max": float(difference.abs().max() / reference.abs().max()),
        "border": border,
    }


def main() -> None:
    table = []
    for case in CASES:
        name, operation, shape, outputs, kernel, stride, padding, stages = case
        reference = run(case, torch.float64)
        np.save(HERE / f"{name}.npy", reference.permute(0, 2, 3, 4, 1).contiguous().numpy())
        table.append({
            "name": name, "operation": operation, "input": shape, "outputs": outputs, "kernel": kernel,
            "stride": [1, 1, 1] if stride == 1 else kernel, "pad": padding,
            "stages": [{"residual": channels, "activation": activation} for channels, activation in stages],
            "fp32": errors(run(case, torch.float32), reference),
            "bf16": errors(run(case, torch.bfloat16), reference),
        })
    (HERE / "torch.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
