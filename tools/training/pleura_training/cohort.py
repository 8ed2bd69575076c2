"""Makes phantoms to train on or to measure with: DIR/seed-N/ct.nii.gz and truth.json for each seed.

    python -m pleura_training.cohort --seeds 1-120 --out DIR

Slices, pixels and findings vary with the seed. Folders that are there already are left alone.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .command import add_pleura, run

FINDINGS = ("covid19", "influenza_a", "none")
SLICE_MM = (1.5, 2, 2.5, 3, 4, 5, 6)


def geometry(seed: int) -> tuple[str, str]:
    """Findings and spacing of a seed. Thin slices are drawn less often: they cost more."""
    rng = np.random.default_rng((seed, 7))
    slices = rng.choice(SLICE_MM, p=(0.08, 0.12, 0.15, 0.15, 0.15, 0.25, 0.10))
    pixel = rng.uniform(0.62, 0.86)
    return FINDINGS[seed % 3], f"{slices:g},{pixel:.3f},{pixel:.3f}"


def seed_range(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=seed_range, required=True, help="FIRST-LAST")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=0, help="0: one per core")
    add_pleura(parser)
    options = parser.parse_args()
    for seed in tqdm(options.seeds, disable=None, desc="phantoms"):
        folder = options.out / f"seed-{seed:04d}"
        if (folder / "truth.json").exists():
            continue
        shutil.rmtree(folder, ignore_errors=True)
        findings, spacing = geometry(seed)
        run(
            options.pleura, "phantom", "--seed", seed, "--findings", findings, "--spacing", spacing,
            "--format", "nifti", "--threads", options.threads, "--out", folder,
        )  # fmt: skip


if __name__ == "__main__":
    main()
