"""Random He-scaled weights, the same bytes as `pleura weights random` (docs/weights-format.md)."""

import numpy as np

_U64 = np.uint64
_CHUNK = 1 << 20


def _fnv1a64(name: str) -> int:
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def uniform(name: str, seed: int, count: int) -> np.ndarray:
    """u(0) ... u(count - 1) of the tensor of that full name: float32 in [-1, 1)."""
    key = _U64(_fnv1a64(name) ^ seed)
    values = np.empty(count, np.float32)
    for start in range(0, count, _CHUNK):
        z = np.arange(start, min(start + _CHUNK, count), dtype=_U64) * _U64(0x9E3779B97F4A7C15) + key
        z ^= z >> _U64(30)
        z *= _U64(0xBF58476D1CE4E5B9)
        z ^= z >> _U64(27)
        z *= _U64(0x94D049BB133111EB)
        z ^= z >> _U64(31)
        values[start : start + len(z)] = (z >> _U64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)
    return values


def _range(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """(low, high) of a tensor, by its dotted name and shape."""
    module, kind = name.rsplit(".", 1)
    layer = module.rsplit(".", 1)[-1]
    if "norm" in layer:
        return (1, 0.5) if kind in ("weight", "running_var") else (0, 0.1)
    if kind == "bias":
        return 0, 0.1
    if layer == "act" or layer.endswith("_act"):
        return 0.25, 0.1
    fan_in = shape[0] if layer == "up" else int(np.prod(shape[1:]))
    return 0, float(np.sqrt(6 / fan_in))


def random_tensors(shapes: dict[str, tuple[int, ...]], prefix: str, seed: int) -> dict[str, np.ndarray]:
    """Tensors of a network by dotted name; prefix is "segmenter/", "classifiers/m1/" or "classifiers/m2/"."""
    tensors = {}
    for name, shape in shapes.items():
        low, high = (np.float32(bound) for bound in _range(name, shape))
        if name.startswith("head.logits."):
            high /= np.float32(64)  # as detection heads begin: else proposals lie far outside the lungs
        if name.endswith(".expand.weight"):
            high /= np.float32(4)  # residual branches as in trained networks: else their sums pass what fp16 holds
        tensors[name] = (low + high * uniform(prefix + name, seed, int(np.prod(shape)))).reshape(shape)
    return tensors
