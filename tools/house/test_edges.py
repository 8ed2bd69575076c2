"""Faults planted in a small tree of its own, one of each kind."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from edges import faults  # noqa: E402

TABLE = """# Design
| room | holds | may use |
|---|---|---|
| attic/ | a table of another part | everything |

## The house
| room | holds | may use |
|---|---|---|
| vocabulary: include/pleura/ | what all speak of | nothing |
| facade: include/pleura/pleura.hpp, include/pleura/pleura.h | the public API | nothing |
| `runtime/` | tensors | nothing |
| runtime/cuda/ | streams | runtime |
| kernels/ | operations | runtime |
| kernels/cuda/ | for GPUs | runtime, runtime/cuda, kernels |
| api/ | all put together | facade, kernels |
| tests/ | tests | all above |
"""

CLEAN = {
    "docs/design.md": TABLE,
    "include/pleura/error.hpp": "#include <string>",
    "include/pleura/pleura.h": "",
    "include/pleura/pleura.hpp": '#include "pleura/error.hpp"',
    "runtime/tensor.hpp": "",
    "runtime/plan.cpp": '#include "runtime/tensor.hpp"\n#include <pleura/error.hpp>',
    "runtime/cuda/stream.hpp": '#include "cuda_runtime.h"\n#include "runtime/tensor.hpp"',
    "kernels/blur.hpp": '#include "tensor.hpp"\n#include "runtime/tensor.hpp"',
    "kernels/cuda/blur.cu": '#include "kernels/blur.hpp"\n#include "runtime/cuda/stream.hpp"',
    "api/engine.cpp": '#include "pleura/pleura.hpp"\n#include "kernels/blur.hpp"',
    "tests/api/engine_test.cpp": '#include "kernels/cuda/tile.cuh"\n#include "api/fixture.hpp"',
    "tests/api/fixture.hpp": "",
    "kernels/cuda/tile.cuh": "",
    "third_party/stb/stb.h": '#include "api/engine.cpp"',
}


def faults_of(root, changes):
    """The faults of the clean tree with these files changed."""
    for name, text in {**CLEAN, **changes}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run("git init -q . && git add .", shell=True, cwd=root, check=True)
    return list(faults(root))


def test_a_clean_tree_passes(tmp_path):
    assert faults_of(tmp_path, {}) == []


@pytest.mark.parametrize("file, include, edge", [
    ("runtime/plan.cpp", '"kernels/blur.hpp"', "runtime -> kernels (kernels/blur.hpp); runtime may use the vocabulary"),
    ("runtime/plan.cpp", "<kernels/blur.hpp>", "runtime -> kernels (kernels/blur.hpp); runtime may use the vocabulary"),
    ("runtime/plan.cpp", '"../kernels/blur.hpp"', "runtime -> kernels (kernels/blur.hpp); runtime may use the vocabulary"),
    ("kernels/blur.hpp", '"pleura/pleura.hpp"',
     "kernels -> facade (include/pleura/pleura.hpp); kernels may use the vocabulary, runtime"),
    ("kernels/blur.hpp", '"pleura/pleura.h"',
     "kernels -> facade (include/pleura/pleura.h); kernels may use the vocabulary, runtime"),
    ("include/pleura/error.hpp", '"pleura/pleura.hpp"',
     "vocabulary -> facade (include/pleura/pleura.hpp); vocabulary may use the vocabulary"),
    ("kernels/blur.hpp", '"runtime/cuda/stream.hpp"',
     "kernels -> runtime/cuda (runtime/cuda/stream.hpp); kernels may use the vocabulary, runtime"),
    ("api/engine.cpp", '"kernels/cuda/tile.cuh"',
     "api -> kernels/cuda (kernels/cuda/tile.cuh); api may use the vocabulary, facade, kernels"),
    ("runtime/plan.cpp", '"api/fixture.hpp"',
     "runtime -> tests (tests/api/fixture.hpp); runtime may use the vocabulary"),
])
def test_an_edge_that_the_table_does_not_allow(tmp_path, file, include, edge):
    assert faults_of(tmp_path, {file: f"#pragma once\n  #  include {include}\n"}) == [f"{file}:2: {edge}"]


def test_a_room_that_the_table_lacks(tmp_path):
    assert faults_of(tmp_path, {"cellar/jar.hpp": "", "api/engine.cpp": '#include "cellar/jar.hpp"'}) == [
        "api/engine.cpp:1: cellar/jar.hpp lies in no room of docs/design.md",
        "cellar/jar.hpp: lies in no room of docs/design.md"]


@pytest.mark.parametrize("row, fault", [
    ("| cellar/ | jars | nothing |", "nothing lies at cellar/"),
    ("| api/ | again | nothing |", "api has a row already"),
    ("| tests/api/ | of the API | shed |", "tests/api may use shed, which is no room above it"),
    ("| tests/api/ | of the API | tests/api |", "tests/api may use tests/api, which is no room above it"),
])
def test_a_wrong_row(tmp_path, row, fault):
    found = faults_of(tmp_path, {"docs/design.md": TABLE + row + "\n", "tests/api/engine_test.cpp": ""})
    assert found == [f"docs/design.md:{len(TABLE.splitlines()) + 1}: {fault}"]


def test_no_table_at_all(tmp_path):
    assert "docs/design.md: no table of rooms under 'The house'" in faults_of(tmp_path, {"docs/design.md": "# Design\n"})
