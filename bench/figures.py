"""What a figure must hold to be published: outputs that are finite and agree. Anything else ends the run.

On numbers of Python's own and arrays alike, and without NumPy: tools/gpu-acceptance uses it where there is none.
"""

import json
import math

# Of the logits' norm, ours beside a peer at the same precision. Measured: 1e-5, 3e-3, 2e-2 (bench/results/).
MOST_DIFFERENCE = {"fp32": 5e-5, "fp16": 1e-2, "bf16": 5e-2}


class Unsound(Exception):
    """A figure that must not be published, and why."""


def require_outputs(name: str, output) -> None:
    """An array of logits: all finite, not all zero."""
    if not math.isfinite(float(abs(output).sum(dtype="float64"))):
        raise Unsound(f"{name}: its output is not finite")
    if not output.any():
        raise Unsound(f"{name}: its output is all zeros")


def require_agreement(name: str, difference: float, precision: str) -> None:
    if not difference <= MOST_DIFFERENCE[precision]:  # NaN is no agreement either
        raise Unsound(f"{name}: logits differ by {difference:.1e} of their norm, expected at most {MOST_DIFFERENCE[precision]:.0e} in {precision}")


def read_figures(text: str):
    """JSON without NaN and infinities: Python writes and reads them, JSON has none."""

    def refuse(constant: str):
        raise Unsound(f"holds {constant}, expected finite figures")

    return json.loads(text, parse_constant=refuse)
