"""result.json, as the command writes it, against docs/result.schema.json by the jsonschema package."""

import copy
import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "result.schema.json").read_text())
PLEURA = Path(os.environ.get("PLEURA_BUILD", ROOT / "build" / "release")) / "bin" / "pleura"


def conforms(result: dict) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(result)


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("screened")
    run = lambda *arguments: subprocess.run([PLEURA, *map(str, arguments)], check=True, capture_output=True)  # noqa: E731
    run("phantom", "--seed", 1, "--out", folder / "phantom", "--format", "nifti", "--slices", 40, "--findings", "covid19")
    run("weights", "random", "--arch", "vnet-rpn", "--channels", "4,8,8,8,16", "--seed", 1, "--out", folder / "weights.h5")
    run("screen", folder / "phantom" / "ct.nii.gz", "--weights", folder / "weights.h5", "--out", folder / "out",
        "--threshold", 0, "--max-regions", 3)
    (file,) = (folder / "out").rglob("result.json")
    return json.loads(file.read_text())


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_result_conforms(result):
    jsonschema.validate(result, SCHEMA, jsonschema.Draft202012Validator)
    assert len(result["regions"]) == 3, "random weights propose everywhere: the regions' rules are tried too"


def objects(value, path=()):
    """Paths of every object within."""
    if isinstance(value, dict):
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects(inner, (*path, key))


def test_the_schema_is_strict(result):
    for path in objects(result):
        for change in ("missing", "extra"):
            spoilt = copy.deepcopy(result)
            inner = spoilt
            for key in path:
                inner = inner[key]
            if change == "missing":
                inner.popitem()
            else:
                inner["surplus"] = 1
            assert not conforms(spoilt), (path, change)
    for path, value in (
        (("case", "result"), "pneumonia"), (("regions", 0, "label"), "covid"), (("regions", 0, "confidence"), 1.5),
        (("regions", 0, "box_mm", "low"), [0, 0]), (("run", "weights_sha256"), "abc"), (("schema_version",), 2),
        (("notice",), ""), (("warnings",), [1]),
    ):  # fmt: skip
        spoilt = copy.deepcopy(result)
        inner = spoilt
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        assert not conforms(spoilt), path
