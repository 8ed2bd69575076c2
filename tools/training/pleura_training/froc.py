"""Detection measured as in FROC: a proposal is a hit where its centre lies in a lesion or their cubes overlap enough."""

import numpy as np

from .anchors import iou

HIT_IOU = 0.2


def hits(cubes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Whether each cube (P) hits each truth (T): (P, T)."""
    table = np.zeros((len(cubes), len(truth)), bool)
    for column, box in enumerate(truth):
        inside = (np.abs(cubes[:, :3] - box[:3]) <= box[3] / 2).all(1)
        table[:, column] = inside | (iou(cubes, box) >= HIT_IOU)
    return table


def curve(found) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thresholds (falling), sensitivity and false positives a CT at each. found: (scores, cubes, case) of each CT."""
    scores, first_hit, false = [], [], []
    for score, cubes, case in found:
        table = hits(cubes, case.cubes())
        spared = hits(cubes, case.cubes(ignore=True)).any(1) if len(cubes) else np.zeros(0, bool)
        scores.append(score)
        false.append(~table.any(1) & ~spared)
        best = [score[column].max() if column.any() else 0 for column in table.T]
        first_hit.extend(best)
    scores, false, first_hit = np.concatenate(scores), np.concatenate(false), np.array(first_hit)
    thresholds = np.unique(scores)[::-1]
    sensitivity_at = np.array([(first_hit >= t).mean() if len(first_hit) else 0 for t in thresholds])
    false_at = np.array([(scores[false] >= t).sum() / len(found) for t in thresholds])
    return thresholds, sensitivity_at, false_at


def sensitivity(found, false_positives: float) -> float:
    """Highest sensitivity at no more than so many false positives a CT."""
    _, rates, false = curve(found)
    allowed = rates[false <= false_positives]
    return float(allowed.max()) if len(allowed) else 0.0
