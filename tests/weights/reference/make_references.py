"""Makes this folder's reference files with software other than pleura's: h5py, PyTorch and Python's own integers.

Run it in the environment of `./check --full`, from anywhere: build/venv/bin/python tests/weights/reference/make_references.py
"""

import struct
import sys
from math import prod, sqrt
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "tools" / "training"))
from pleura_training import networks, settings  # noqa: E402

MASK = 2**64 - 1


def float32(value: float) -> float:
    return struct.unpack("<f", struct.pack("<f", value))[0]


def random_value(name: str, seed: int, index: int, low: float, high: float) -> float:
    """docs/weights-format.md, "Random weights", in Python's own integers and doubles rounded to float32."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) & MASK
    z = ((key ^ seed) + index * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    u = (z >> 40) / 2**23 - 1
    return float32(low + float32(float32(high) * u))


def random_vectors() -> None:
    """Lines "prefix name seed index bits" of the first, second and last value of tensors of each kind."""
    he = lambda *inputs: (0.0, sqrt(6 / prod(inputs)))  # noqa: E731
    kinds = {
        ("segmenter/", "stem.conv.weight", 16 * 125): he(1, 125),
        ("segmenter/", "stem.conv.bias", 16): (0.0, 0.1),
        ("segmenter/", "stem.norm.weight", 16): (1.0, 0.5),
        ("segmenter/", "stem.norm.bias", 16): (0.0, 0.1),
        ("segmenter/", "stem.norm.running_mean", 16): (0.0, 0.1),
        ("segmenter/", "stem.norm.running_var", 16): (1.0, 0.5),
        ("segmenter/", "stem.act.weight", 16): (0.25, 0.1),
        ("segmenter/", "down1.down.weight", 32 * 16 * 8): he(16, 8),
        ("segmenter/", "down4.down_norm.weight", 256): (1.0, 0.5),
        ("segmenter/", "down4.down_act.weight", 256): (0.25, 0.1),
        ("segmenter/", "down4.convs.2.mid2b.weight", 64 * 64 * 27): he(64, 27),
        ("segmenter/", "down4.convs.2.mid2b_norm.running_var", 64): (1.0, 0.5),
        ("segmenter/", "down4.convs.2.mid2b_act.weight", 64): (0.25, 0.1),
        ("segmenter/", "down4.convs.2.expand.weight", 256 * 192): (0.0, sqrt(6 / 192) / 4),
        ("segmenter/", "up3.up.weight", 256 * 128 * 8): he(256),
        ("segmenter/", "up3.up.bias", 128): (0.0, 0.1),
        ("segmenter/", "head.logits.weight", 15 * 64): (0.0, sqrt(6 / 64) / 64),
        ("segmenter/", "head.logits.bias", 15): (0.0, 0.1 / 64),
        ("classifiers/m1/", "blocks.8.norm2.weight", 16): (1.0, 0.5),
        ("classifiers/m1/", "fc.1.weight", 8 * 16): he(16),
        ("classifiers/m2/", "fc.1.weight", 8 * 17): he(17),
        ("classifiers/m2/", "fc.out.bias", 3): (0.0, 0.1),
    }
    lines = []
    for (prefix, name, count), (low, high) in kinds.items():
        for seed in (0, 20200221, MASK):
            for index in (0, 1, count - 1):
                bits = struct.pack(">f", random_value(prefix + name, seed, index, low, high)).hex()
                lines.append(f"{prefix} {name} {seed} {index} {bits}\n")
    (HERE / "random_vectors.txt").write_text("".join(lines))


def shapes() -> None:
    """Name and shape of every tensor, from PyTorch's modules."""
    for name, hyper in settings.ARCHITECTURES.items():
        state = networks.build(hyper).state_dict()
        kept = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
        lines = (f"{key} {' '.join(map(str, value.shape))}\n" for key, value in kept.items())
        (HERE / f"shapes-{name}.txt").write_text("".join(lines))


def write_h5py(file: Path, oldest: bool) -> None:
    """A tiny model in all the ways in which h5py may store one; values i mod 64 over 64."""
    hyper = settings.VNetHyper(channels=[1, 4, 4, 4, 4], down_convs=[1, 1, 1, 1], up_convs=[1, 1, 1, 1])
    with h5py.File(file, "w", libver=("earliest", "v108") if oldest else ("v108", "v108")) as h5:
        text = (lambda value: np.bytes_(value.encode())) if oldest else (lambda value: value)
        h5.attrs["format"] = text("pleura-weights")
        h5.attrs["format_version"] = np.int32(1) if oldest else 1
        h5.attrs["name"] = text("tiny é")
        for name in ("licence", "intended_use", "provenance"):
            h5.attrs[name] = text(name)
        group = h5.create_group("segmenter")
        for name, value in {
            "architecture": text("vnet-rpn"), "block": text("inception-resnet"), "norm": text("batch"),
            "activation": text("prelu"), "channels": np.array(hyper.channels, np.int32 if oldest else np.int64),
            "down_convs": np.array(hyper.down_convs, np.uint8), "up_convs": hyper.up_convs, "activate_before_add": 0,
            "spacing_mm": np.array([2, 1.5, 1.25], np.float32 if oldest else np.float64), "hu_window": [-1200, 600],
            "outside_hu": np.nan, "outside_margin_mm": 6, "threshold": np.float32(0.25), "nms_iou": 0.5,
            "max_regions": 7, "anchors_mm": [10.0, 30.0, 60.0], "extra_classes": 0, "unknown": "ignored",
        }.items():
            group.attrs[name] = value
        tensors = group.create_group("tensors")
        for i, (name, value) in enumerate(networks.build(hyper).state_dict().items()):
            if name.endswith("num_batches_tracked"):
                continue
            values = (np.arange(value.numel(), dtype=np.float32) % 64 / 64).reshape(value.shape)
            if oldest:
                tensors.create_dataset(name, data=values)
            elif i % 3 == 0:
                tensors.create_dataset(name, data=values, compression="gzip", shuffle=True)
            elif i % 3 == 1:  # chunks that do not divide the extents
                chunks = tuple(max(1, n - 1) for n in value.shape)
                tensors.create_dataset(name, data=values.astype(np.float16), chunks=chunks, compression="gzip")
            else:
                tensors.create_dataset(name, data=values.astype(np.float16), chunks=value.shape, shuffle=True)


if __name__ == "__main__":
    random_vectors()
    shapes()
    write_h5py(HERE / "h5py-earliest.h5", oldest=True)
    write_h5py(HERE / "h5py-v108.h5", oldest=False)
