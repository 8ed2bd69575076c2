"""A training run of one network: the options that all share, resuming, the loop, its log and checkpoints."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from .checkpoint import load_checkpoint, save_checkpoint
from .curves import append_row, draw_curves, read_rows


def add_options(parser: argparse.ArgumentParser, unit: str, steps: int, batch: int, start: str) -> None:
    """`unit`: what a batch is made of; `start`: what may be trained on from."""
    parser.add_argument("--train", nargs="+", type=Path, required=True, help="folders of cases to train on")
    parser.add_argument("--validate", nargs="*", type=Path, default=[], help="folders of other cases, for the curves")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--start", type=Path, help=f"{start} to train on from")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch, help=f"{unit} a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; default: all")
    parser.add_argument("--provenance", default="", help="what the cases are, for the weights file")
    parser.add_argument("--overfit", action="store_true", help="sanity check: the same batch, not augmented; the loss must fall")


def prepare(options: argparse.Namespace) -> None:
    """Before anything is read or drawn."""
    if options.threads:
        torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)


class Run:
    """NAME.pt is the checkpoint, from which it resumes where there is one; NAME.csv and .png are the curves."""

    def __init__(
        self, options: argparse.Namespace, name: str, group: str, module: torch.nn.Module, settings, cases: int, unit: str,
        weight_decay: float, rise: float, clip: float = float("inf"),
    ):  # fmt: skip
        """group: of the network in a weights file; unit: as of add_options; rise: part of the steps until the highest
        rate; clip: largest norm of a gradient."""
        self.options, self.name, self.group, self.module, self.settings, self.clip = options, name, group, module, settings, clip
        self.optimizer = torch.optim.AdamW(module.parameters(), lr=options.rate, weight_decay=weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, options.rate, total_steps=options.steps, pct_start=rise
        )
        self.checkpoint, self.log = options.out / f"{name}.pt", options.out / f"{name}.csv"
        self.first = 0
        if self.checkpoint.exists():
            saved = load_checkpoint(self.checkpoint)
            self.first = saved["step"]
            module.load_state_dict(saved["network"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.schedule.load_state_dict(saved["schedule"])
            print(f"resuming {self.checkpoint} at step {self.first} of {options.steps}")
        read_rows(self.log, before=self.first + 1)
        what = options.provenance or f"{cases} cases of {', '.join(folder.name for folder in options.train)}"
        self.provenance = f"{name}: {what}; {options.steps} steps of {options.batch} {unit}, seed {options.seed}"

    def train(
        self, losses_of: Callable[[int], dict[str, Tensor]], validate: Callable[[int], dict[str, float]]
    ) -> list[float]:
        """losses_of a step, whose sum is made smaller; validate: further columns of the log, after that many steps. Returns
        the sums of this call's steps."""
        options, losses, started = self.options, [], time.time()
        steps = range(self.first, options.steps)
        for step in tqdm(steps, initial=self.first, total=options.steps, disable=None, desc=self.name):
            parts = losses_of(step)
            self.optimizer.zero_grad()
            sum(parts.values()).backward()
            torch.nn.utils.clip_grad_norm_(self.module.parameters(), self.clip)
            self.optimizer.step()
            self.schedule.step()
            losses.append([part.item() for part in parts.values()])
            if (step + 1) % options.every and step + 1 < options.steps:
                continue
            row = {"step": step + 1, **dict(zip(parts, np.mean(losses[-options.every :], 0)))}
            row |= {"rate": self.schedule.get_last_lr()[0], **validate(step + 1), "minutes": (time.time() - started) / 60}
            append_row(self.log, row)
            draw_curves(self.log)
            save_checkpoint(
                self.checkpoint, self.group, self.module, self.settings, self.provenance, step=step + 1,
                optimizer=self.optimizer.state_dict(), schedule=self.schedule.state_dict(), options=str(vars(options)),
            )  # fmt: skip
            tqdm.write(", ".join(f"{name} {value:.4g}" for name, value in row.items()))
        return [sum(loss) for loss in losses]
