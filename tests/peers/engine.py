"""Our engine on some input: the test program tests/layers/run_network.cpp, called with .npy files."""

import subprocess
from pathlib import Path

import numpy as np
from pleura_training.weights import Model, write_model


def run_network(
    programs: Path, folder: Path, model: Model, x: np.ndarray, distances: np.ndarray | None = None,
    precision: str = "fp32", device: str = "cpu",
) -> np.ndarray:  # fmt: skip
    """Logits of the first network of a model. x and the result are in PyTorch's order: (N, C, D, H, W) or (N, C, H, W)."""
    network = next(iter(model.networks))
    write_model(model, folder / "weights.h5")
    np.save(folder / "in.npy", np.ascontiguousarray(np.moveaxis(x, 1, -1), np.float32))
    arguments = ["weights.h5", network.rsplit("/", 1)[-1], "in.npy", "out.npy", "--precision", precision, "--device", device]
    if distances is not None:
        np.save(folder / "distances.npy", distances.astype(np.float32))
        arguments += ["--distances", "distances.npy"]
    done = subprocess.run([programs / "run_network", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    out = np.moveaxis(np.load(folder / "out.npy"), -1, 1)
    return out.reshape(len(out), 3) if x.ndim == 4 else out
