"""Checkpoints of a training run: everything that resuming needs, and the network that a weights file takes."""

import os
from dataclasses import asdict
from pathlib import Path

import torch

from .settings import ClassifierHyper, ClassifierSettings, SegmenterSettings, VNetHyper
from .weights import Network, from_state_dict


def save_checkpoint(file: Path, path: str, module: torch.nn.Module, settings, provenance: str, **state) -> None:
    """Writes under a temporary name and renames. `path` is the network's group in a weights file, `state` the run's own."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    contents = {
        "path": path,
        "hyper": asdict(module.hyper),
        "settings": asdict(settings),
        "provenance": provenance,
        "network": module.state_dict(),
        **state,
    }
    torch.save(contents, temporary)
    temporary.replace(file)


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
