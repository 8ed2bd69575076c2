"""Checkpoints of a training run: everything that resuming needs, and the network that a weights file takes."""

import io
from dataclasses import asdict
from pathlib import Path

import torch

from .files import write_file
from .settings import ClassifierHyper, ClassifierSettings, SegmenterSettings, VNetHyper
from .weights import Network, from_state_dict, read_model, to_module


def save_checkpoint(file: Path, path: str, module: torch.nn.Module, settings, provenance: str, **state) -> None:
    """Writes whole or not at all. `path` is the network's group in a weights file, `state` the run's own."""
    contents = {
        "path": path,
        "hyper": asdict(module.hyper),
        "settings": asdict(settings),
        "provenance": provenance,
        "network": module.state_dict(),
        **state,
    }
    saved = io.BytesIO()
    torch.save(contents, saved)
    write_file(file, saved.getvalue())


def load_checkpoint(file: Path) -> dict:
    return torch.load(file, map_location="cpu", weights_only=True)


def load_network(file: Path) -> tuple[str, Network, str]:
    """Group, network and provenance of a checkpoint."""
    saved = load_checkpoint(file)
    if saved["path"] == "segmenter":
        hyper, settings = VNetHyper(**saved["hyper"]), SegmenterSettings(**saved["settings"])
    else:
        hyper, settings = ClassifierHyper(**saved["hyper"]), ClassifierSettings(**saved["settings"])
    return saved["path"], Network(hyper, settings, from_state_dict(saved["network"])), saved["provenance"]


def start_of(file: Path, path: str) -> dict[str, torch.Tensor]:
    """The parameters to train on from: of a checkpoint, or of the network `path` in a weights file (.h5)."""
    if file.suffix != ".h5":
        return load_checkpoint(file)["network"]
    networks = read_model(file).networks
    if path not in networks:
        raise SystemExit(f"{file}: no {path}, expected it; networks found: {', '.join(networks) or 'none'}")
    return to_module(networks[path]).state_dict()
