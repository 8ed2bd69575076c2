"""Trains the segmenter on cases that `pleura extract` wrote (tools/training/README.md).

    python -m pleura_training.segmenter --train DIR... --validate DIR... --out RUN

RUN/segmenter.pt is the checkpoint, from which the same command resumes; RUN/segmenter.csv and .png are the curves,
validated at every fifth checkpoint.
Losses after the template (lfz/DSB2017, docs/networks.md): half the binary cross-entropy of the positive anchors, half
that of the negative ones, plus smooth L1 of the regressions. Of the negatives' half the hardest make one half and all of
them the other, without which a short run does not get off the ground.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from . import anchors
from .cases import Case, find_cases, read_case
from .checkpoint import start_of
from .crops import Sampler, window
from .curves import read_rows
from .froc import sensitivity
from .networks import VNet
from .precision import Precision
from .run import Run, add_options, prepare
from .settings import SegmenterSettings, VNetHyper

HARD_NEGATIVES = 32  # a crop, of the highest logits among NEGATIVE_POOL random ones
NEGATIVE_POOL = 8000
MOST_BEFORE_SUPPRESSION = 4096
FREEZE_HELP = "part of the steps after which batch norm keeps whole CTs' statistics; negative: always, those of --start"
LINEAR_FROM = 0.1  # of smooth L1: a tenth of an anchor's side


def detection_loss(logits: torch.Tensor, label: torch.Tensor, shift: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Objectness and regression loss. logits (N, A * 5, D, H, W), label (N, D, H, W, A), shift (N, D, H, W, A, 4)."""
    values = logits.float().permute(0, 2, 3, 4, 1).reshape(*label.shape, 5)
    score, positive = values[..., 0], label == 1
    pools, hardest = [], []
    for one_score, one_label in zip(score, label):
        pool = one_score[one_label == 0]
        if len(pool) > NEGATIVE_POOL:
            pool = pool[torch.randint(len(pool), (NEGATIVE_POOL,))]
        pools.append(pool)
        hardest.append(pool.topk(min(HARD_NEGATIVES, len(pool))).values)
    objectness = 0.25 * F.softplus(torch.cat(pools)).mean() + 0.25 * F.softplus(torch.cat(hardest)).mean()
    regression = values.new_zeros(())
    if positive.any():
        objectness = objectness + 0.5 * F.softplus(-score[positive]).mean()
        regression = F.smooth_l1_loss(values[positive][:, 1:], shift[positive], beta=LINEAR_FROM)
    return objectness, regression


def whole_input(case: Case, hu_window: list[float]) -> torch.Tensor:
    """The network's input of a whole case."""
    return torch.from_numpy(window(case.hu, *hu_window))[None, None].contiguous(memory_format=torch.channels_last_3d)


def predict(module: VNet, case: Case, settings: SegmenterSettings, device: str, precision: Precision, threshold: float = 0.01):
    """Objectness and cubes (voxels) of a case's proposals, best first, by the rules of screening/candidates.hpp."""
    with torch.no_grad(), precision():
        output = module(whole_input(case, settings.hu_window).to(device))[0].float().cpu()
    output = output.permute(1, 2, 3, 0).numpy()
    cubes = anchors.grid(output.shape[:3], [side / settings.spacing_mm[0] for side in settings.anchors_mm])
    score, cubes = anchors.decode(output.reshape(*cubes.shape[:4], 5), cubes)
    chosen = score >= threshold
    score, cubes = score[chosen], cubes[chosen]
    best = np.argsort(-score, kind="stable")[:MOST_BEFORE_SUPPRESSION]
    order = anchors.suppress(score[best], cubes[best], settings.nms_iou)
    score, cubes = score[best][order], cubes[best][order]
    index = np.floor(cubes[:, :3] + 0.5).astype(int)
    inside = ((index >= 0) & (index < case.lungs.shape)).all(1)
    inside[inside] = case.lungs[tuple(index[inside].T)] > 0
    return score[inside][: settings.max_regions], cubes[inside][: settings.max_regions]


def refresh_norms(module: VNet, cases: list[Case], settings: SegmenterSettings, device: str, precision: Precision) -> None:
    """Batch norm's running statistics become those of whole CTs, which inference sees, in place of crops'."""
    norms = [layer for layer in module.modules() if isinstance(layer, torch.nn.BatchNorm3d)]
    for layer in norms:
        layer.reset_running_stats()
        layer.momentum = None  # a plain mean over the cases
    module.train()
    with torch.no_grad(), precision():
        for case in cases:
            module(whole_input(case, settings.hu_window).to(device))


def train_mode(module: VNet, frozen: bool) -> None:
    module.train()
    if frozen:
        for layer in module.modules():
            if isinstance(layer, torch.nn.BatchNorm3d):
                layer.eval()


def validate(module, cases, settings, device, precision) -> dict[str, float]:
    """Sensitivity at 1 and at 8 false positives a CT."""
    module.eval()
    found = [(*predict(module, case, settings, device, precision), case) for case in cases]
    return {f"sensitivity_{n}": sensitivity(found, n) for n in (1, 8)}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, "crops", steps=2000, batch=2, start="checkpoint or weights file (.h5) of the same network")
    parser.add_argument("--crop", type=int, default=80, help="voxels a side, a multiple of 16")
    parser.add_argument("--freeze", type=float, default=0.6, help=FREEZE_HELP)
    parser.add_argument("--channels", type=int, nargs=5, default=VNetHyper().channels, help="widths; default: the paper's")
    parser.add_argument("--activation", choices=("prelu", "relu", "elu"), default="relu", help="relu trains a third faster than V-Net's own prelu on a CPU")
    parser.add_argument("--block", choices=("inception-resnet", "conv5"), default="inception-resnet")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> list[float]:
    """Trains; returns the losses of this call's steps."""
    options = parse(arguments)
    prepare(options)
    cases = [read_case(folder) for folder in find_cases(options.train)][: 1 if options.overfit else None]
    held_out = [read_case(folder) for folder in find_cases(options.validate)] if options.validate else []

    hyper = VNetHyper(channels=options.channels, activation=options.activation, block=options.block)
    settings = SegmenterSettings(spacing_mm=cases[0].spacing.tolist(), outside_hu=cases[0].outside_hu)
    anchor_voxels = [side / settings.spacing_mm[0] for side in settings.anchors_mm]
    sampler = Sampler(cases, options.crop, anchor_voxels, settings.hu_window, augment=not options.overfit)
    precision = Precision(options.device, options.precision)

    torch.manual_seed(options.seed)
    module = VNet(hyper)
    torch.nn.init.normal_(module.head.logits.weight, std=0.01)
    torch.nn.init.zeros_(module.head.logits.bias)
    if options.start:
        module.load_state_dict(start_of(options.start, "segmenter"))
    module = module.to(options.device, memory_format=torch.channels_last_3d)
    run = Run(
        options, "segmenter", "segmenter", module, settings, len(cases), f"crops of {options.crop}^3",
        weight_decay=1e-3, rise=0.15, clip=5.0,
    )  # fmt: skip
    freeze_at = int(options.freeze * options.steps)

    def losses_of(step: int) -> dict[str, torch.Tensor]:
        if step == freeze_at:
            refresh_norms(module, cases[:: max(1, len(cases) // 8)], settings, options.device, precision)
        train_mode(module, frozen=step >= freeze_at)
        hu, label, shift = (torch.from_numpy(part).to(options.device) for part in sampler.batch(options.batch, options.seed, step))
        torch.manual_seed(options.seed * 1_000_003 + step)  # the pool of negatives, equal in a run that resumed
        with precision():
            logits = module(hu.to(precision.dtype, memory_format=torch.channels_last_3d))
        return dict(zip(("objectness", "regression"), detection_loss(logits, label, shift)))

    def validate_sometimes(steps: int) -> dict[str, float]:
        """Every fifth time; between, the last figures again."""
        if held_out and (steps % (5 * options.every) == 0 or steps == options.steps):
            return validate(module, held_out, settings, options.device, precision)
        last = read_rows(run.log)[-1:] or [{}]
        return {name: last[0].get(name, np.nan) for name in ("sensitivity_1", "sensitivity_8")}

    return run.train(losses_of, validate_sometimes)


if __name__ == "__main__":
    main()
