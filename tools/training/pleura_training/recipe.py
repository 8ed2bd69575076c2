"""The whole recipe, from nothing to evaluated weights; the same command resumes where it stopped.

    python -m pleura_training.recipe --out DIR --start weights/demo/pleura-demo.h5 --background CT...

Makes cohorts to train on (one for both networks, one more for the classifiers), to validate on and to hold out; trains the
segmenter, then the classifiers on its own proposals: M1 first, from which M1 and M2 train on for the same number of steps, so
that they differ by the distance alone. Takes the threshold that does best on the validation cohort; evaluates the held-out
cohort once, with it.
DIR/held-out/evaluation.json holds the figures, DIR/pleura.h5 the weights. --dry-run prints the commands alone.
"""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

from .command import add_pleura

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
APART_RATE = 1e-3
LOWEST = 0.05  # classifiers see proposals that screening would drop too


def score(evaluation: dict) -> tuple[float, float]:
    """What a threshold is chosen by: right cases, then regions."""
    return evaluation["case"]["accuracy"], evaluation["region"]["mean_f1"]


class Recipe:
    def __init__(self, options: argparse.Namespace):
        self.options, self.out = options, options.out
        names = ("train", "more", "validate", "held-out")
        self.train, self.more, self.validate, self.held_out = (self.out / "cohorts" / name for name in names)

    def do(self, *command) -> None:
        words = [str(word) for word in command]
        print("$", shlex.join(words), flush=True)
        if not self.options.dry_run:
            subprocess.run(words, check=True)

    def python(self, module: str, *arguments) -> None:
        own = ("--pleura", self.options.pleura) if module == "extract" else ()
        self.do(sys.executable, "-m", f"pleura_training.{module}", *arguments, *own)

    def cohorts(self) -> None:
        options = self.options
        share = () if options.background_share is None else ("--background-share", options.background_share)
        to_train = [word for ct in options.background for word in ("--background", ct)] + [*share]
        to_hold_out = [word for ct in options.held_out_background for word in ("--background", ct)]
        held_out_seed = options.seed + 2 if options.held_out_seed is None else options.held_out_seed
        for folder, count, seed, recipe, more in (
            (self.train, options.train, options.seed, "train-3", to_train),
            (self.validate, options.validate, options.seed + 1, "train-3", []),
            (self.held_out, options.held_out, held_out_seed, "held-out-3", to_hold_out),
            (self.more, options.classifier_train, options.seed + 3, "train-3", to_train),
        ):
            self.do(
                options.pleura, "phantom", "--cohort", count, "--seed", seed, "--recipe", recipe, "--matrix", options.matrix,
                "--format", "nifti", "--threads", options.threads, "--out", folder, *more,
            )  # fmt: skip

    def networks(self) -> None:
        options = self.options
        start = ("--start", options.start) if options.start else ()
        common = ("--validate", self.validate, "--threads", options.threads, "--seed", options.seed)
        cohorts = (self.train, self.more, self.validate)
        patches = ("--field", options.field, "--threads", options.threads)
        self.python("extract", *cohorts, *patches)
        self.python(
            "segmenter", "--train", self.train, *common, "--out", self.out, "--steps", options.segmenter_steps,
            "--crop", options.crop, *start,
        )  # fmt: skip
        self.python("export", self.out / "segmenter.pt", "--out", self.out / "segmenter.h5")
        self.python(
            "extract", *cohorts, "--weights", self.out / "segmenter.h5", "--threshold", LOWEST, *patches,
        )  # fmt: skip
        common = ("--train", self.train, self.more, *common)
        self.python("classifier", "m1", *common, "--out", self.out / "common", "--steps", options.classifier_steps, *start)
        for model in ("m1", "m2"):
            self.python(
                "classifier", model, *common, "--out", self.out, "--steps", options.apart_steps, "--rate", APART_RATE,
                "--start", self.out / "common" / "m1.pt",
            )  # fmt: skip

    def evaluate(self, cohort: Path, weights: Path, out: Path, *more) -> None:
        self.do(
            self.options.pleura, "evaluate", cohort / "cohort.csv", "--weights", weights, "--out", out,
            "--threads", self.options.threads, *more,
        )  # fmt: skip

    def figures(self) -> None:
        networks = [self.out / f"{name}.pt" for name in ("segmenter", "m1", "m2")]
        self.python("export", *networks, "--out", self.out / "unchosen.h5", "--fp16")
        folders = {threshold: self.out / "validate" / f"{threshold:.2f}" for threshold in THRESHOLDS}
        for threshold, folder in folders.items():
            self.evaluate(self.validate, self.out / "unchosen.h5", folder, "--threshold", threshold)
        chosen = THRESHOLDS[0]
        if not self.options.dry_run:
            chosen = max(THRESHOLDS, key=lambda t: score(json.loads((folders[t] / "evaluation.json").read_text())))
            print(f"threshold {chosen}, by the validation cohort")
        self.python("export", *networks, "--out", self.out / "pleura.h5", "--fp16", "--threshold", chosen)
        self.evaluate(self.held_out, self.out / "pleura.h5", self.out / "held-out")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights file to train on from; default: random")
    parser.add_argument("--background", nargs="*", default=[], help="real CTs in which lesions to train on are grown")
    parser.add_argument("--held-out-background", nargs="*", default=[], help="other real CTs, for the held-out cohort")
    parser.add_argument("--background-share", type=float, help="share of the cases to train on that lie in one; default: the cohort recipe's")
    parser.add_argument("--train", type=int, default=120, help="cases to make")
    parser.add_argument("--classifier-train", type=int, default=500, help="cases to make for the classifiers alone")
    parser.add_argument("--validate", type=int, default=20, help="cases to make")
    parser.add_argument("--held-out", type=int, default=90, help="cases to make")
    parser.add_argument("--held-out-seed", type=int, help="of those; default: the seed + 2. A cohort once looked at is spent")
    parser.add_argument("--matrix", type=int, default=384, help="pixels a side of their slices")
    parser.add_argument("--segmenter-steps", type=int, default=2000)
    parser.add_argument("--crop", type=int, default=80)
    parser.add_argument("--classifier-steps", type=int, default=5000, help="of M1")
    parser.add_argument("--apart-steps", type=int, default=5000, help="of M1 and M2 each, from there")
    parser.add_argument("--field", type=float, default=32, help="side of the classifier's patches in mm")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0, help="0: one per core")
    parser.add_argument("--dry-run", action="store_true", help="print the commands")
    add_pleura(parser)
    recipe = Recipe(parser.parse_args(arguments))
    recipe.cohorts()
    recipe.networks()
    recipe.figures()


if __name__ == "__main__":
    main()
