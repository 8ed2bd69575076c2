"""How far an output lies from its reference, inside and at the border."""

import numpy as np

BORDER = 1  # voxels of the output from each face


def errors(out: np.ndarray, ref: np.ndarray) -> dict[str, float]:
    """norm: ||out-ref|| / ||ref||; border: the same over the voxels at the faces; largest: max|out-ref| / max|ref|."""
    out, ref = np.asarray(out, np.float64), np.asarray(ref, np.float64)
    assert out.shape == ref.shape, f"shape {out.shape}, expected {ref.shape}"
    assert np.isfinite(out).all() and np.isfinite(ref).all()
    difference = out - ref
    found = {
        "norm": np.linalg.norm(difference) / np.linalg.norm(ref),
        "largest": np.abs(difference).max() / np.abs(ref).max(),
    }
    if ref.ndim == 5:
        border = np.ones(ref.shape[2:], bool)
        border[tuple(slice(BORDER, n - BORDER) for n in border.shape)] = False
        found["border"] = np.linalg.norm(difference[..., border]) / np.linalg.norm(ref[..., border])
    return found


def accept(out: np.ndarray, ref: np.ndarray, tolerance: float, own: dict[str, float] | None = None) -> dict[str, float]:
    """Each error is at most the tolerance and at most twice PyTorch's own."""
    found = errors(out, ref)
    for name, value in found.items():
        assert value <= tolerance, f"{name} error {value:.2e}, at most {tolerance:.0e} is allowed: {found}"
        if own is not None:
            assert value <= 2 * own[name], f"{name} error {value:.2e}, PyTorch's own is {own[name]:.2e}: {found}"
    return found
