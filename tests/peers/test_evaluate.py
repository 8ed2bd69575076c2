"""The figures of `pleura evaluate` against scikit-learn's, from the records of the CTs that it writes."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics

CASES = (2, 0, 1)  # no_infection_found, covid19, influenza_a in the order of the paper's tables
CLASSES = (0, 1, 2)


@pytest.fixture(scope="module")
def evaluated(programs, tmp_path_factory) -> tuple[dict, list[dict]]:
    folder = tmp_path_factory.mktemp("evaluated")
    run = lambda *arguments: subprocess.run([programs / "pleura", *map(str, arguments)], check=True)  # noqa: E731
    run("phantom", "--cohort", 6, "--seed", 3, "--spacing", "5,2.8,2.8", "--matrix", 128, "--format", "nifti", "--out", folder / "cohort")
    weights = Path(__file__).parents[2] / "weights" / "demo" / "pleura-demo.h5"
    run("evaluate", folder / "cohort" / "cohort.csv", "--weights", weights, "--threshold", 0.05, "--out", folder / "out")
    records = [json.loads(file.read_text()) for file in sorted((folder / "out" / "cts").iterdir())]
    return json.loads((folder / "out" / "evaluation.json").read_text()), records


def samples(records: list[dict], level: str, model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Actual and predicted classes, and scores by class, of all samples of a level."""
    actual, predicted, scores = [], [], []
    for record in records:
        answer = record["answers"][model]
        if level == "case":
            covid19, influenza_a = answer["evidence_covid19"], answer["evidence_influenza_a"]
            actual.append(CASES[record["case"]])
            predicted.append(CASES[answer["result"]])
            scores.append((covid19, influenza_a, -covid19 - influenza_a))
            continue
        for truth, region in zip(record["region_truth"], answer["regions"]):
            images = region["probabilities"]
            actual += [truth] * (3 if level == "patch" else 1)
            predicted += [int(np.argmax(image)) for image in images] if level == "patch" else [region["label"]]
            scores += images if level == "patch" else [images[region["speaker"]]]
    return np.array(actual), np.array(predicted), np.array(scores)


@pytest.mark.parametrize("model", ("m1", "m2"))
@pytest.mark.parametrize("level", ("patch", "region", "case"))
def test_figures_are_scikit_learns(evaluated, level, model):
    evaluation, records = evaluated
    found = (evaluation if model == "m2" else evaluation["m1"])[level]
    actual, predicted, scores = samples(records, level, model)
    assert len(actual) >= 6
    assert found["confusion"] == metrics.confusion_matrix(actual, predicted, labels=CLASSES).tolist()
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(actual, predicted, labels=CLASSES, zero_division=0)
    for name, expected in (("precision", precision), ("recall", recall), ("f1", f1)):
        np.testing.assert_allclose(found[name], expected, atol=1e-12, err_msg=name)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(actual, predicted))
    for k, name in enumerate(found["classes"]):
        area = found["roc_auc"][name]["value"]
        if len(set(actual == k)) == 2:
            assert area == pytest.approx(metrics.roc_auc_score(actual == k, scores[:, k]), abs=1e-12)
        else:
            assert area is None


def test_brier_score_is_scikit_learns(evaluated):
    evaluation, records = evaluated
    answers = [(record["case"], record["answers"]["m2"]) for record in records if record["answers"]["m2"]["result"] != 0]
    calibration = evaluation["calibration"]
    assert calibration["cases"] == len(answers) > 0
    right = [truth == answer["result"] for truth, answer in answers]
    exported = [answer["exported"] for _, answer in answers]
    assert calibration["brier"] == pytest.approx(np.mean((np.array(exported) - right) ** 2))
    if len(set(right)) == 2:
        assert calibration["brier"] == pytest.approx(metrics.brier_score_loss(right, exported))
