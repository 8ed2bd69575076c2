"""How well the regions of a real CT cover its infected slices, where a reader has labelled slices alone.

    python -m pleura_training.slices result.json LABELS.npy [--row N]

LABELS.npy holds a row of 0 and 1 a CT, a column a slice, from the feet up, as in COVID-CT-MD. Counts regions that ended as an
infection: which infected slices they cover, which healthy ones, and how many regions lie wholly in healthy slices. A cube covers
healthy slices too where a lesion is narrower than it, so that the last figure alone counts false regions.
"""

import argparse
import json
from pathlib import Path

import numpy as np


def coverage(result: dict, infected: np.ndarray) -> dict[str, int]:
    """Figures of a result against which slices are infected (bool, from the feet up; what lies beyond the CT is ignored)."""
    slices = result["geometry"]["shape"][0]
    infected = infected[:slices].astype(bool)
    boxes = [region["box_voxels"] for region in result["regions"] if region["label"] != "irrelevant"]
    spans = [slice(box["low"][0], box["high"][0]) for box in boxes]
    covered = np.zeros(slices, bool)
    for span in spans:
        covered[span] = True
    return {
        "infected_slices": int(infected.sum()),
        "covered": int((covered & infected).sum()),
        "healthy_slices": int((~infected).sum()),
        "healthy_covered": int((covered & ~infected).sum()),
        "regions": len(spans),
        "false_regions": sum(not infected[span].any() for span in spans),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, help="result.json of `pleura screen`")
    parser.add_argument("labels", type=Path, help="labels of slices, .npy")
    parser.add_argument("--row", type=int, default=0, help="of the CT in it")
    options = parser.parse_args()
    print(json.dumps(coverage(json.loads(options.result.read_text()), np.load(options.labels)[options.row]), indent=1))


if __name__ == "__main__":
    main()
