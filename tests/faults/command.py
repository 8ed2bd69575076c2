"""The commands under test, on small inputs, and what a good end of one is."""

from __future__ import annotations

import functools
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import h5py
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

    def slow(self) -> tuple[Path, Path]:
        """A CT and weights whose layers take seconds each on the reference device."""
        folder, weights = self.folder / "slow", self.folder / "slow.h5"
        self.pleura("phantom", "--seed", "3", "--slices", "40", "--spacing", "4,9.1,9.1", "--matrix", "40", "--format", "nifti", "--out",
                    folder)
        self.pleura("weights", "random", "--arch", "vnet-ir-rpn", "--channels", "64,64,64,64,64", "--seed", "2", "--out", weights)
        return folder / "ct.nii.gz", weights

    def pleura(self, *arguments) -> None:
        outcome = process.run([self.build / "bin/pleura", *arguments], self.build, self.folder)
        if outcome.code != 0:
            raise RuntimeError(f"pleura {arguments[0]} without a fault: {outcome}")
        for name in ("stdout", "stderr"):
            (self.folder / name).unlink()


TIMES = ("stages", "started", "seconds", "seconds_total", "seconds_per_ct")


def untimed(content):
    """JSON without the times of the run."""
    if isinstance(content, list):
        return [untimed(part) for part in content]
    return {k: untimed(v) for k, v in content.items() if k not in TIMES} if isinstance(content, dict) else content


def hdf5_content(data: bytes) -> list:
    """All that an HDF5 file holds: a data set may lie there packed or, where zlib had no memory, as it is."""
    found = []

    def add(name: str, part) -> None:
        values = part[()] if isinstance(part, h5py.Dataset) else None
        found.append((name, str(values if values is None or values.dtype.hasobject else (values.dtype, values.shape, values.tobytes())),
                      sorted((key, str(value)) for key, value in part.attrs.items())))

    with h5py.File(io.BytesIO(data)) as root:
        add("", root)
        root.visititems(add)
    return found


@functools.lru_cache(maxsize=64)
def digest_of(data: bytes, suffix: str) -> str:
    if suffix == ".json":
        data = json.dumps(untimed(json.loads(data)), sort_keys=True).encode()
    if suffix == ".h5":
        data = repr(hdf5_content(data)).encode()
    return hashlib.sha256(data).hexdigest()


def digest(file: Path) -> str:
    """Of the bytes; of JSON without the times, of HDF5 the content."""
    try:
        return digest_of(file.read_bytes(), file.suffix)
    except (ValueError, OSError) as error:
        return f"unreadable: {error}"


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
