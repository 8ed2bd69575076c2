"""Live comparisons with PyTorch, MONAI and ONNX Runtime: `./check --full` runs them on the programs under $PLEURA_BUILD."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools" / "training"))


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the built programs."""
    folder = Path(os.environ.get("PLEURA_BUILD", ROOT / "build" / "release")) / "bin"
    assert (folder / "pleura").exists(), f"{folder}/pleura is not built; PLEURA_BUILD names the build folder"
    return folder
