"""pleura's weights file (docs/weights-format.md): reading, writing, and the way to and from a state_dict."""

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import h5py
import numpy as np
import torch

from .files import replacing
from .networks import build
from .random_weights import random_tensors
from .settings import ARCHITECTURES, ClassifierHyper, ClassifierSettings, SegmenterSettings, VNetHyper

Tensors = dict[str, np.ndarray]


@dataclass
class Network:
    """One network of a file: hyperparameters, settings, tensors by dotted name."""

    hyper: VNetHyper | ClassifierHyper
    settings: SegmenterSettings | ClassifierSettings
    tensors: Tensors


@dataclass
class Model:
    """One weights file. Keys of networks: "segmenter", "classifiers/m1", "classifiers/m2"."""

    name: str
    licence: str
    intended_use: str
    provenance: str
    networks: dict[str, Network] = field(default_factory=dict)


def tensor_shapes(hyper: VNetHyper | ClassifierHyper) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor that a network needs."""
    with torch.device("meta"):
        state = build(hyper).state_dict()
    return {name: tuple(t.shape) for name, t in state.items() if not name.endswith("num_batches_tracked")}


def from_state_dict(state: dict[str, torch.Tensor]) -> Tensors:
    """A module's state_dict as fp32 tensors of a file."""
    return {
        name: value.detach().cpu().float().numpy()
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    }


def to_module(network: Network) -> torch.nn.Module:
    """The PyTorch module of a network, with its tensors, in evaluation mode."""
    module = build(network.hyper)
    state = {name: torch.from_numpy(value.astype(np.float32)) for name, value in network.tensors.items()}
    missing, unexpected = module.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"tensors do not fit the network: missing {missing}, unexpected {unexpected}")
    return module.eval()


def random_model(architecture: str, seed: int, channels: list[int] | None = None) -> Model:
    """What `pleura weights random --arch ARCHITECTURE --seed SEED` writes: a V-Net comes with both classifiers."""
    origin = f"pleura weights random --arch {architecture} --seed {seed}"
    model = Model(f"{architecture}-random-{seed}", "Apache-2.0", "tests and timings; research use only", origin)
    hyper = ARCHITECTURES[architecture]
    if isinstance(hyper, VNetHyper):
        hyper = replace(hyper, channels=list(channels or hyper.channels))
        settings = SegmenterSettings() if hyper.rpn else SegmenterSettings(threshold=0.5)
        model.networks["segmenter"] = Network(hyper, settings, random_tensors(tensor_shapes(hyper), "segmenter/", seed))
        classifiers = ("m1", "m2")
    else:
        classifiers = (architecture.removeprefix("classifier-"),)
    for name in classifiers:
        hyper, path = ARCHITECTURES[f"classifier-{name}"], f"classifiers/{name}"
        model.networks[path] = Network(hyper, ClassifierSettings(), random_tensors(tensor_shapes(hyper), path + "/", seed))
    return model


def _segmenter_attributes(network: Network) -> dict:
    hyper, values = network.hyper, asdict(network.settings)
    values |= {name: value for name, value in asdict(hyper).items() if name not in ("rpn", "anchors")}
    values["architecture"] = "vnet-rpn" if hyper.rpn else "vnet"
    values["activate_before_add"] = int(hyper.activate_before_add)
    other_head = ("min_component_ml",) if hyper.rpn else ("nms_iou", "anchors_mm", "extra_classes")
    return {name: value for name, value in values.items() if name not in other_head}


def _classifier_attributes(network: Network) -> dict:
    values = asdict(network.hyper) | asdict(network.settings)
    values["architecture"] = "resnet18-location"
    values["uses_distance"] = int(network.hyper.uses_distance)
    return values


def _stored(path: str, name: str, value: np.ndarray, fp16: bool) -> np.ndarray:
    value = value.astype(np.float16 if fp16 else np.float32)
    if not np.isfinite(value).all():
        raise ValueError(f"{path}/{name} has values that are not finite")
    return value


def _require_written(h5: h5py.File, model: Model, fp16: bool) -> None:
    """HDF5 may forget that a write failed."""
    for path, network in model.networks.items():
        for name, value in network.tensors.items():
            if not np.array_equal(h5[f"{path}/tensors/{name}"][()], _stored(path, name, value, fp16)):
                raise OSError(f"{path}/{name} was not written: read back, it differs")


def write_model(model: Model, file: Path | str, fp16: bool = False) -> None:
    """Writes a model whole or not at all. `fp16` stores the tensors in half precision."""
    with replacing(Path(file)) as draft:
        with h5py.File(draft, "w") as h5:
            h5.attrs["format"] = "pleura-weights"
            h5.attrs["format_version"] = 1
            for name in ("name", "licence", "intended_use", "provenance"):
                h5.attrs[name] = getattr(model, name)
            for path, network in model.networks.items():
                group = h5.create_group(path)
                attributes = _segmenter_attributes if path == "segmenter" else _classifier_attributes
                for name, value in attributes(network).items():
                    group.attrs[name] = value
                for name, value in network.tensors.items():
                    value = _stored(path, name, value, fp16)
                    # Neither chunked nor compressed: deflate takes nothing from half precision and makes reading slower.
                    group.create_dataset(f"tensors/{name}", data=value)
        with h5py.File(draft, "r") as h5:
            _require_written(h5, model, fp16)


def _plain(value):
    """An attribute as a Python value."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _fill(kind: type, attributes: dict):
    return kind(**{f.name: attributes[f.name] for f in fields(kind) if f.name in attributes})


def _read_network(group: h5py.Group) -> Network:
    attributes = {name: _plain(value) for name, value in group.attrs.items()}
    tensors = {name: dataset[()].astype(np.float32) for name, dataset in group["tensors"].items()}
    if attributes["architecture"] == "resnet18-location":
        attributes["uses_distance"] = bool(attributes["uses_distance"])
        return Network(_fill(ClassifierHyper, attributes), _fill(ClassifierSettings, attributes), tensors)
    attributes["rpn"] = attributes["architecture"] == "vnet-rpn"
    attributes["activate_before_add"] = bool(attributes["activate_before_add"])
    if attributes["rpn"]:
        attributes["anchors"] = len(attributes["anchors_mm"])
    return Network(_fill(VNetHyper, attributes), _fill(SegmenterSettings, attributes), tensors)


def read_model(file: Path | str) -> Model:
    """Reads a weights file. The C++ side validates; this one trusts a file that it or pleura wrote."""
    with h5py.File(file, "r") as h5:
        if h5.attrs.get("format") != "pleura-weights" or h5.attrs.get("format_version") != 1:
            raise ValueError(f"{file} is not a pleura weights file of version 1")
        model = Model(*(h5.attrs[name] for name in ("name", "licence", "intended_use", "provenance")))
        paths = ["segmenter"] + [f"classifiers/{name}" for name in h5.get("classifiers", ())]
        model.networks = {path: _read_network(h5[path]) for path in paths if path in h5}
    return model
