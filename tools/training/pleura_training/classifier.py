"""Trains a classifier on the patches that `pleura extract` cut (tools/training/README.md).

    python -m pleura_training.classifier m2 --train DIR... --validate DIR... --out RUN

RUN/m2.pt is the checkpoint, from which the same command resumes; RUN/m2.csv and .png are the curves. As the paper has it
(2.4, 2.5): every image of a region counts alone, cross-entropy, random clips and flips, infected types sampled three times.
Irrelevant regions that the segmenter took for a lesion are sampled ten times: they are few in training, but nearly all that
screening will show of their kind.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from .cases import find_cases
from .checkpoint import load_checkpoint, save_checkpoint, start_of
from .curves import append_row, draw_curves, read_rows
from .networks import Classifier
from .patches import IRRELEVANT, Patches, augment, read_patches, windows
from .precision import Precision
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
            images = torch.from_numpy(windows(hu[part], settings.windows)).to(device)
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
    parser.add_argument("--train", nargs="+", type=Path, required=True, help="folders of cases to train on")
    parser.add_argument("--validate", nargs="*", type=Path, default=[], help="folders of other cases, for the curves")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--start", type=Path, help="checkpoint (also M1's for M2) or weights file (.h5) to train on from")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=48, help="images a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--image", choices=("windows", "neighbours"), default="windows", help="what the channels are")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; default: all")
    parser.add_argument("--provenance", default="", help="what the cases are, for the weights file")
    parser.add_argument("--overfit", action="store_true", help="sanity check: one batch, no augmentation; the loss must fall")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> list[float]:
    """Trains; returns the losses of this call's steps."""
    options = parse(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    settings = ClassifierSettings(image=options.image)
    folders = find_cases(options.train)
    patches = read_patches(folders)
    hu, distance, label = patches.images(settings)
    chance = np.repeat(chances(patches) / 3, 3)
    held_out = read_patches(find_cases(options.validate)) if options.validate else None

    torch.manual_seed(options.seed)
    module = Classifier(ClassifierHyper(uses_distance=options.model == "m2"))
    if options.start:
        module.load_state_dict(start_from(options.start, options.model))
    module = module.to(options.device, memory_format=torch.channels_last)
    precision = Precision(options.device, options.precision)
    optimizer = torch.optim.AdamW(module.parameters(), lr=options.rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=options.steps, pct_start=0.2)
    file, log = options.out / f"{options.model}.pt", options.out / f"{options.model}.csv"
    first = 0
    if file.exists():
        saved = load_checkpoint(file)
        first = saved["step"]
        module.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        print(f"resuming {file} at step {first} of {options.steps}")
    read_rows(log, before=first + 1)

    provenance = options.provenance or f"{len(folders)} cases of {', '.join(folder.name for folder in options.train)}"
    provenance = f"{options.model}: {provenance}; {options.steps} steps of {options.batch} images, seed {options.seed}"
    losses, started = [], time.time()
    for step in tqdm(range(first, options.steps), initial=first, total=options.steps, disable=None, desc=options.model):
        rng = np.random.default_rng((options.seed, 0 if options.overfit else step))
        chosen = rng.choice(len(label), options.batch, p=chance)
        images = hu[chosen].astype(np.float32) if options.overfit else augment(hu[chosen], rng)
        images = torch.from_numpy(windows(images, settings.windows)).to(options.device)
        module.train()
        with precision():
            logits = module(images, torch.from_numpy(distance[chosen]).to(options.device))
        loss = F.cross_entropy(logits.float(), torch.from_numpy(label[chosen]).to(options.device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % options.every == 0 or step + 1 == options.steps:
            row = {"step": step + 1, "loss": float(np.mean(losses[-options.every :])), "rate": schedule.get_last_lr()[0]}
            if held_out:
                found = predict(module, held_out, settings, options.device).argmax(1)
                truth = np.repeat(held_out.label, 3)
                row |= {"accuracy": float((found == truth).mean()), "f1": average_f1(truth, found)}
            row["minutes"] = (time.time() - started) / 60
            append_row(log, row)
            draw_curves(log)
            save_checkpoint(
                file, f"classifiers/{options.model}", module, settings, provenance, step=step + 1,
                optimizer=optimizer.state_dict(), schedule=schedule.state_dict(),
            )  # fmt: skip
            tqdm.write(", ".join(f"{name} {value:.4g}" for name, value in row.items()))
    return losses


if __name__ == "__main__":
    main()
