"""A training run's log: one CSV row at a time, appended as it runs, and its picture."""

import csv
import io
from pathlib import Path

from .files import write_file


def append_row(file: Path, row: dict[str, float]) -> None:
    new = not file.exists()
    with file.open("a", newline="") as out:
        writer = csv.DictWriter(out, row)
        if new:
            writer.writeheader()
        writer.writerow({name: f"{value:.6g}" for name, value in row.items()})


def read_rows(file: Path, before: float | None = None) -> list[dict[str, float]]:
    """The rows so far; with `before` also cuts the file there, for a run that resumes at an earlier step."""
    if not file.exists():
        return []
    lines = file.read_bytes().decode().splitlines(keepends=True)
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]
    if before is not None:
        rows = [row for row in rows if row["step"] < before]
        write_file(file, "".join(lines[: 1 + len(rows)]))
    return rows


def draw_curves(file: Path) -> None:
    """Every column of a CSV over its steps, as a PNG beside it."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = read_rows(file)
    names = [name for name in rows[0] if name != "step"]
    figure, axes = pyplot.subplots(1, len(names), figsize=(3 * len(names), 2.6), squeeze=False)
    for axis, name in zip(axes[0], names):
        axis.plot([row["step"] for row in rows], [row[name] for row in rows], linewidth=1)
        axis.set_title(name, fontsize=9)
        axis.tick_params(labelsize=7)
    figure.tight_layout()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=80)
    write_file(file.with_suffix(".png"), picture.getvalue())
    pyplot.close(figure)
