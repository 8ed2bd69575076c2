"""Trains a classifier on the patches that `pleura extract` cut (tools/training/README.md).

    python -m pleura_training.classifier m2 --train DIR... --validate DIR... --out RUN

RUN/m2.pt is the checkpoint, from which the same command resumes; RUN/m2.csv and .png are the curves. As the paper has it
(2.4, 2.5): every image of a region counts alone, cross-entropy, random clips and flips, infected types sampled three times.
Irrelevant regions that the segmenter took for a lesion are sampled ten times: they are few in training, but nearly all that
screening will show of their kind.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .cases import find_cases
from .checkpoint import start_of
from .networks import Classifier
from .patches import IRRELEVANT, Patches, augment, read_patches, windows
from .precision import Precision
from .run import Run, add_options, prepare
from .settings import ClassifierHyper, ClassifierSettings

INFECTED_TIMES = 3
TAKEN_TIMES = 10
TAKEN = 0.7  # objectness from which a region counts as taken for a lesion


def chances(patches: Patches) -> np.ndarray:
    """How often each region is drawn (N), of sum 1."""
    times = np.where(patches.score >= TAKEN, TAKEN_TIMES, 1)
    times = np.where(patches.label == IRRELEVANT, times, INFECTED_TIMES)
    return times / times.sum()


def start_from(file: Path, model: str) -> dict[str, torch.Tensor]:
    """Parameters to train on from. M2 may start from M1: the weights of the distance that it adds are 0."""
    parameters = start_of(file, f"classifiers/{model}")
    hyper = ClassifierHyper(uses_distance=model == "m2")
    name = "fc.1.weight"
    missing = hyper.hidden[0] + hyper.uses_distance - parameters[name].shape[1]
    return parameters | {name: F.pad(parameters[name], (0, max(missing, 0)))}


def predict(module: Classifier, patches: Patches, settings: ClassifierSettings, device: str = "cpu") -> np.ndarray:
    """Probabilities (3N, 3) of the images of some regions."""
    hu, distance, _ = patches.images(settings)
    module.eval()
    found = []
    with torch.no_grad():
        for start in range(0, len(hu), 256):
            part = slice(start, start + 256)
            images = torch.from_numpy(windows(hu[part], settings)).to(device)
            found.append(module(images, torch.from_numpy(distance[part]).to(device)).softmax(1).cpu().numpy())
    return np.concatenate(found)


def average_f1(label: np.ndarray, found: np.ndarray) -> float:
    """Mean F1 over the three classes."""
    scores = []
    for kind in range(3):
        hit = np.sum((label == kind) & (found == kind))
        scores.append(2 * hit / max(np.sum(label == kind) + np.sum(found == kind), 1))
    return float(np.mean(scores))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=("m1", "m2"), help="without or with the distance from the edge")
    add_options(parser, "images", steps=1500, batch=48, start="checkpoint (also M1's for M2) or weights file (.h5)")
    parser.add_argument("--image", choices=("windows", "neighbours"), default="neighbours", help="what the channels are")
    parser.add_argument(
        "--distance-scale", type=float, default=50.0,
        help="of M2's distance: makes it vary about as much as the features beside it, or it is learned slowly",
    )  # fmt: skip
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> list[float]:
    """Trains; returns the losses of this call's steps."""
    options = parse(arguments)
    prepare(options)
    folders = find_cases(options.train)
    patches = read_patches(folders)
    settings = ClassifierSettings(field_mm=patches.field_mm, image=options.image, distance_scale=options.distance_scale)
    hu, distance, label = patches.images(settings)
    chance = np.repeat(chances(patches) / 3, 3)
    held_out = read_patches(find_cases(options.validate), patches.field_mm) if options.validate else None

    torch.manual_seed(options.seed)
    module = Classifier(ClassifierHyper(uses_distance=options.model == "m2"))
    if options.start:
        module.load_state_dict(start_from(options.start, options.model))
    module = module.to(options.device, memory_format=torch.channels_last)
    precision = Precision(options.device, options.precision)
    run = Run(
        options, options.model, f"classifiers/{options.model}", module, settings, len(folders), "images",
        weight_decay=1e-2, rise=0.2,
    )  # fmt: skip

    def losses_of(step: int) -> dict[str, torch.Tensor]:
        rng = np.random.default_rng((options.seed, 0 if options.overfit else step))
        chosen = rng.choice(len(label), options.batch, p=chance)
        images = hu[chosen].astype(np.float32) if options.overfit else augment(hu[chosen], rng, settings.image)
        images = torch.from_numpy(windows(images, settings)).to(options.device)
        module.train()
        with precision():
            logits = module(images, torch.from_numpy(distance[chosen]).to(options.device))
        return {"loss": F.cross_entropy(logits.float(), torch.from_numpy(label[chosen]).to(options.device))}

    def validate(_: int) -> dict[str, float]:
        if not held_out:
            return {}
        found = predict(module, held_out, settings, options.device).argmax(1)
        truth = np.repeat(held_out.label, 3)
        return {"accuracy": float((found == truth).mean()), "f1": average_f1(truth, found)}

    return run.train(losses_of, validate)


if __name__ == "__main__":
    main()
