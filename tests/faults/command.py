"""The commands under test, on small inputs, and what a good end of one is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import process

PHANTOM = ["--seed", "3", "--slices", "10", "--spacing", "4,9.1,9.1", "--matrix", "40"]
WEIGHTS = ["weights", "random", "--arch", "vnet-ir-rpn", "--channels", "4,4,4,4,4"]

@dataclass
class Inputs:
    """What the commands read, made once."""

    build: Path
    folder: Path
    dicom: Path = field(init=False)
    nifti: Path = field(init=False)
    weights: Path = field(init=False)
    cohort: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.dicom, self.nifti = self.folder / "dicom/ct", self.folder / "nifti/ct.nii.gz"
        self.weights, self.cohort = self.folder / "weights.h5", self.folder / "cohort.csv"
        self.pleura("phantom", *PHANTOM, "--out", self.dicom.parent)
        self.pleura("phantom", *PHANTOM, "--format", "nifti", "--out", self.nifti.parent)
        self.pleura(*WEIGHTS, "--seed", "2", "--out", self.weights)
        self.cohort.write_text("path,case,truth\nnifti/ct.nii.gz,covid19,nifti/truth.json\n")

    def pleura(self, *arguments) -> None:
        outcome = process.run([self.build / "bin/pleura", *arguments], self.build, self.folder)
        if outcome.code != 0:
            raise RuntimeError(f"pleura {arguments[0]} without a fault: {outcome}")
        for name in ("stdout", "stderr"):
            (self.folder / name).unlink()


def digest(file: Path) -> str:
    """Of the bytes; of JSON without the times of the run."""
    data = file.read_bytes()
    if file.suffix != ".json":
        return hashlib.sha256(data).hexdigest()
    try:
        content = json.loads(data)
    except ValueError:
        return "no JSON"
    for key in ("stages", "seconds"):
        content.pop(key, None)
    for key in ("started", "seconds_total"):
        content.get("run", {}).pop(key, None)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


Snapshot = dict[str, dict[str, str]]  # unit -> name -> digest


@dataclass(frozen=True)
class Command:
    """One of pleura's commands. Its output is one unit, whole or not there, or several: `unit` tells which a path belongs to."""

    name: str
    program: Path
    arguments: tuple
    other: tuple  # arguments for an earlier, different output
    target: str = "out"  # --out, below the folder of the trial
    unit: Callable[[str], str] = lambda path: ""
    ct: Path | None = None
    weights: Path | None = None

    def line(self, work: Path, earlier: bool = False) -> list:
        return [self.program, *(self.other if earlier else self.arguments), "--out", work / "place" / self.target]

    def snapshot(self, work: Path) -> Snapshot:
        root, units = work / "place" / self.target, {}
        for path in [root, *sorted(root.rglob("*"))] if root.exists() else []:
            name = str(path.relative_to(root))
            units.setdefault(self.unit(name), {})[name] = "folder" if path.is_dir() else digest(path)
        return units


def commands(inputs: Inputs) -> dict[str, Command]:
    few = ("--max-regions", "2")
    screen = ("screen", inputs.dicom, "--weights", inputs.weights)
    nifti = ("screen", inputs.nifti, "--weights", inputs.weights, "--save-masks")
    extract = ("extract", inputs.nifti, "--weights", inputs.weights)
    evaluate = ("evaluate", inputs.cohort, "--weights", inputs.weights)
    phantom, volume = ("phantom", *PHANTOM), ("--format", "nifti", "--masks")
    other_seed = ("--kernel", "0.5")
    def first(path: str) -> str:
        return path.partition("/")[0]

    def command(name: str, arguments: tuple, other: tuple, **rest) -> Command:
        return Command(name, inputs.build / "bin/pleura", arguments, other, **rest)

    reads = {"ct": inputs.nifti, "weights": inputs.weights}
    every = [
        command("screen DICOM", screen + few, (*screen, "--max-regions", "1"), **reads | {"ct": inputs.dicom.parent}),
        command("screen NIfTI", nifti + few, (*nifti, "--max-regions", "1"), **reads),
        command("extract", extract, extract[:2], target="out.h5", **reads),
        command("weights random", (*WEIGHTS, "--seed", "2"), (*WEIGHTS, "--seed", "5"), target="out.h5"),
        command("evaluate", evaluate + few, evaluate + few, unit=str, **reads),
        command("phantom DICOM", phantom, phantom + other_seed, unit=first),
        command("phantom NIfTI", phantom + volume, phantom + volume + other_seed, unit=first),
    ]
    return {command.name: command for command in every}
