"""A training run's log: one CSV row at a time, appended as it runs, and its picture."""

import csv
from pathlib import Path


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
    with file.open(newline="") as lines:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]
    if before is not None:
        rows = [row for row in rows if row["step"] < before]
        file.unlink()
        for row in rows:
            append_row(file, row)
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
    figure.savefig(file.with_suffix(".png"), dpi=80)
    pyplot.close(figure)
