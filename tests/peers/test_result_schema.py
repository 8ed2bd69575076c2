"""JSON, as the command writes it, against docs/*.schema.json by the jsonschema package."""

import copy
import gzip
import hashlib
import json
import os
import struct
import subprocess
from pathlib import Path

import jsonschema
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SCHEMA, REFUSAL, DEVICES, PROFILE, BENCH, COMPARE, SWEEP = (
    json.loads((ROOT / "docs" / f"{name}.schema.json").read_text())
    for name in ("result", "refusal", "devices", "profile", "bench", "compare", "sweep")
)
PLEURA = Path(os.environ.get("PLEURA_BUILD", ROOT / "build" / "release")) / "bin" / "pleura"


def conforms(result: dict) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(result)


def run(*arguments, code: int = 0) -> bytes:
    """Standard output of the command, which ends with `code`."""
    done = subprocess.run([PLEURA, *arguments], capture_output=True)
    assert done.returncode == code, done.stderr
    return done.stdout


def screen(folder: Path, *arguments, code: int = 0) -> bytes:
    return run("screen", *arguments, "--weights", folder / "weights.h5", "--out", folder / "out", "--threshold", "0",
               "--max-regions", "3", "--json", "-", code=code)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Holds phantom/ct.nii.gz and weights.h5."""
    folder = tmp_path_factory.mktemp("screened")
    run("phantom", "--seed", "1", "--out", folder / "phantom", "--format", "nifti", "--slices", "40", "--findings", "covid19")
    run("weights", "random", "--arch", "vnet-rpn", "--channels", "4,8,8,8,16", "--seed", "1", "--out", folder / "weights.h5")
    return folder


@pytest.fixture(scope="module")
def result(folder) -> dict:
    return json.loads(screen(folder, folder / "phantom" / "ct.nii.gz", "--identify"))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator.check_schema(REFUSAL)
    jsonschema.Draft202012Validator.check_schema(DEVICES)
    jsonschema.Draft202012Validator.check_schema(PROFILE)
    jsonschema.Draft202012Validator.check_schema(BENCH)
    jsonschema.Draft202012Validator.check_schema(COMPARE)
    jsonschema.Draft202012Validator.check_schema(SWEEP)


def test_a_result_conforms(result):
    jsonschema.validate(result, SCHEMA, jsonschema.Draft202012Validator)
    assert len(result["regions"]) == 3, "random weights propose everywhere: the regions' rules are tried too"


def test_what_may_be_shown(folder, result):
    ct = folder / "phantom" / "ct.nii.gz"
    usual, anonymous = json.loads(screen(folder, ct)), json.loads(screen(folder, ct, "--anonymous"))
    assert conforms(usual) and conforms(anonymous)
    assert set(result["input"]) - set(usual["input"]) == {"patient_id", "patient_name", "accession_number"}
    assert set(anonymous["input"]) == {"format", "files", "voxels_sha256", "kernel", "scanner"}
    anonymous["input"]["study_date"] = "20200131"
    assert not conforms(anonymous)
    for lacking in (("input", "study_date"), ("run", "started"), ("options", "series")):
        spoilt = copy.deepcopy(usual)
        del spoilt[lacking[0]][lacking[1]]
        assert not conforms(spoilt), lacking


def test_json_lines(folder, tmp_path):
    """Several CTs, one of them refused, under names that are not UTF-8."""
    ct, bad = os.fsencode(folder / "phantom" / "ct.nii.gz"), os.fsencode(tmp_path) + b"/b\xffd.nii"
    Path(os.fsdecode(bad)).write_text("no CT")
    (folder / "several").mkdir()
    out = run("screen", ct, bad, ct, "--weights", folder / "weights.h5", "--out", folder / "several", "--json", "-", code=2)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["status"] for line in lines] == ["done", "refused", "done"]
    assert conforms(lines[0]) and conforms(lines[2])
    jsonschema.validate(lines[1], REFUSAL, jsonschema.Draft202012Validator)
    assert lines[1]["input"]["path"] == bad.decode(errors="replace")
    spoilt = {**lines[1], "surplus": 1}
    assert not jsonschema.Draft202012Validator(REFUSAL).is_valid(spoilt)


def test_the_hash_is_of_the_voxels(folder, result):
    """As docs/result.schema.json says, with the voxels read here: NIfTI keeps x fastest, then y, then z, turned RAS."""
    raw = gzip.decompress((folder / "phantom" / "ct.nii.gz").read_bytes())
    x, y, z, datatype = struct.unpack_from("<3h", raw, 42) + struct.unpack_from("<h", raw, 70)
    offset, slope, intercept = (int(value) for value in struct.unpack_from("<3f", raw, 108))
    assert datatype == 4 and (slope, intercept) in ((0, 0), (1, 0))
    voxels = np.frombuffer(raw, "<i2", x * y * z, offset).reshape(z, y, x)
    turns = [voxels[::a, ::b, ::c] for a in (1, -1) for b in (1, -1) for c in (1, -1)]
    hashes = [hashlib.sha256(turn.tobytes()).hexdigest() for turn in turns]
    assert result["geometry"]["shape"] == [z, y, x]
    affine = [struct.unpack_from("<4f", raw, 280 + 16 * row)[row] for row in range(3)]
    # RAS against LPS: x and y rise towards the left and the back where the diagonal is negative.
    wanted = tuple(1 if sign > 0 else -1 for sign in (affine[2], -affine[1], -affine[0]))
    assert result["input"]["voxels_sha256"] == hashes[[(a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1)].index(wanted)]


def objects(value, path=()):
    """Paths of every object within."""
    if isinstance(value, dict):
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects(inner, (*path, key))


def assert_strict(value, schema):
    """Whatever object of it lacks what comes last in it, or has one key more, is refused."""
    for path in objects(value):
        for change in ("missing", "extra"):
            spoilt = copy.deepcopy(value)
            inner = spoilt
            for key in path:
                inner = inner[key]
            if change == "missing":
                inner.popitem()
            else:
                inner["surplus"] = 1
            assert not jsonschema.Draft202012Validator(schema).is_valid(spoilt), (path, change)


def test_the_schema_is_strict(result):
    assert_strict(result, SCHEMA)
    for path, value in (
        (("case", "result"), "pneumonia"), (("regions", 0, "label"), "covid"), (("regions", 0, "confidence"), 1.5),
        (("regions", 0, "box_mm", "low"), [0, 0]), (("run", "weights_sha256"), "abc"), (("schema_version",), 3),
        (("notice",), ""), (("warnings",), [1]),
    ):  # fmt: skip
        spoilt = copy.deepcopy(result)
        inner = spoilt
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        assert not conforms(spoilt), path


def test_tuning_conforms(folder):
    """The second run is of what the first one kept."""
    ct, cache = folder / "phantom" / "ct.nii.gz", folder / "tuning.json"
    for start in ("rebuilt because ", "reused"):
        tuned = json.loads(screen(folder, ct, "--tune", "--tune-cache", cache))
        assert conforms(tuned) and tuned["run"]["tuning"]["cache"].startswith(start)
    for key, value in (("cache", "rebuilt"), ("measured", -1), ("measured", "1"), ("surplus", 1)):
        spoilt = copy.deepcopy(tuned)
        spoilt["run"]["tuning"][key] = value
        assert not conforms(spoilt), key


def test_devices_conform():
    devices = json.loads(run("devices", "--json"))
    jsonschema.validate(devices, DEVICES, jsonschema.Draft202012Validator)
    spoilt = copy.deepcopy(devices)
    del spoilt["cpu"]["runs"]
    assert not jsonschema.Draft202012Validator(DEVICES).is_valid(spoilt)


def test_profiles_conform(folder):
    shaped = ("--shape", "16,16,32")
    for seen in (shaped, (folder / "phantom" / "ct.nii.gz",)):
        profile = json.loads(run("profile", folder / "weights.h5", *seen, "--runs", "1", "--memory", "1G", "--json", "-"))
        jsonschema.validate(profile, PROFILE, jsonschema.Draft202012Validator)
        assert bool(profile["pipeline"]) == (seen is not shaped)
    profile["networks"], profile["pipeline"] = profile["networks"][:1], profile["pipeline"][:1]  # one of each will do
    for rows in ("layers", "stages"):
        profile["networks"][0][rows] = profile["networks"][0][rows][:1]
    assert_strict(profile, PROFILE)


def test_benchmarks_conform(folder, tmp_path):
    arguments = ("bench", folder / "weights.h5", folder / "phantom" / "ct.nii.gz", "--runs", "1", "--max-regions", "3")
    earlier = tmp_path / "earlier.json"
    run(*arguments, "--json", earlier)
    jsonschema.validate(json.loads(earlier.read_text()), BENCH, jsonschema.Draft202012Validator)
    several = run(*arguments, folder / "phantom" / "ct.nii.gz", "--cold", "1", "--json", "-", "--against", earlier, "--tolerance", "1000")
    bench = json.loads(several)
    jsonschema.validate(bench, BENCH, jsonschema.Draft202012Validator)
    assert bench["batch"]["cts"] == 2
    bench["cts"], bench["against"]["cts"] = bench["cts"][:1], bench["against"]["cts"][:1]
    assert_strict({"batch": bench.pop("batch")}, {**BENCH, "required": ["batch"]})
    assert_strict(bench["cts"][0].pop("cold"), {**BENCH["properties"]["cts"]["items"]["properties"]["cold"], "$defs": BENCH["$defs"]})
    bench["cts"][0]["stages"] = bench["cts"][0]["stages"][:1]
    bench["against"]["cts"][0]["stages"] = bench["against"]["cts"][0]["stages"][:1]
    jsonschema.validate(bench, BENCH, jsonschema.Draft202012Validator)
    against = bench.pop("against")
    assert_strict(bench, BENCH)
    assert_strict({"against": against}, {**BENCH, "required": ["against"]})


def test_comparisons_conform(folder):
    arguments = ("compare", folder / "phantom" / "ct.nii.gz", "cpu", "cpu", "--weights", folder / "weights.h5", "--threshold", "0",
                 "--max-regions", "3", "--json", "-")  # fmt: skip
    comparison = json.loads(run(*arguments))
    jsonschema.validate(comparison, COMPARE, jsonschema.Draft202012Validator)
    assert comparison["identical"] and len(comparison["regions"]["matched"]) == 3
    comparison["regions"]["matched"] = comparison["regions"]["matched"][:1]
    comparison["margins"] = comparison["margins"][:1]
    comparison["regions"]["only_a"] = [comparison["regions"]["matched"][0]["a"]]
    assert_strict(comparison, COMPARE)


def test_sweeps_conform(folder):
    sweep = json.loads(run("bench", folder / "weights.h5", folder / "phantom" / "ct.nii.gz", "--sweep", "--runs", "1", "--warm-up", "0",
                           "--threads", "1", "--max-regions", "3", "--json", "-"))  # fmt: skip
    jsonschema.validate(sweep, SWEEP, jsonschema.Draft202012Validator)
    sweep["configurations"] = sweep["configurations"][:1]
    assert_strict(sweep, SWEEP)
