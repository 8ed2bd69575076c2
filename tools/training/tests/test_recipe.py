"""The recipe's order, and what it never does: choose by the held-out cohort."""

import shlex

from pleura_training import recipe


def commands(capsys, *arguments) -> list[list[str]]:
    recipe.main(["--out", "run", "--dry-run", *arguments])
    return [shlex.split(line[2:]) for line in capsys.readouterr().out.splitlines() if line.startswith("$ ")]


def test_the_held_out_cohort_is_made_and_evaluated_once(capsys):
    uses = [words for words in commands(capsys, "--seed", "5") if any("held-out" in word for word in words)]
    assert [words[1] for words in uses] == ["phantom", "evaluate"]
    assert "--threshold" not in uses[1] and "run/pleura.h5" in uses[1]
    assert uses[0][uses[0].index("--seed") + 1] == "7"
    fresh = [words for words in commands(capsys, "--held-out-seed", "70") if words[-1] == "run/cohorts/held-out"]
    assert fresh[0][fresh[0].index("--seed") + 1] == "70"


def test_each_cohort_has_the_backgrounds_given_for_it(capsys):
    made = commands(capsys, "--background", "a", "b", "--held-out-background", "c", "--background-share", "0.4")
    backgrounds = {
        words[words.index("--out") + 1]: [words[i + 1] for i, word in enumerate(words) if word == "--background"]
        for words in made
        if words[1] == "phantom"
    }
    both = ["a", "b"]
    assert backgrounds == {
        "run/cohorts/train": both, "run/cohorts/more": both, "run/cohorts/validate": [], "run/cohorts/held-out": ["c"],
    }  # fmt: skip


def test_all_patches_have_one_field_of_view(capsys):
    fields = [float(words[words.index("--field") + 1]) for words in commands(capsys, "--field", "40") if "--field" in words]
    assert fields == [40, 40]


def test_classifiers_train_on_the_segmenters_own_proposals(capsys):
    steps = [words[2] if words[1] == "-m" else words[1] for words in commands(capsys, "--start", "demo.h5")]
    names = ("extract", "segmenter", "export", "extract", "classifier", "classifier", "classifier", "export")
    assert steps[4:12] == [f"pleura_training.{name}" for name in names]
    assert steps[12:] == ["evaluate"] * len(recipe.THRESHOLDS) + ["pleura_training.export", "evaluate"]


def test_both_classifiers_start_from_the_same_and_train_as_long(capsys):
    trained = [words[3:] for words in commands(capsys) if words[2] == "pleura_training.classifier"]
    assert [words[0] for words in trained] == ["m1", "m1", "m2"]
    assert trained[1][1:] == trained[2][1:] and trained[1][-2:] == ["--start", "run/common/m1.pt"]


def test_right_cases_count_first():
    better = {"case": {"accuracy": 0.9}, "region": {"mean_f1": 0.5}}
    worse = {"case": {"accuracy": 0.8}, "region": {"mean_f1": 0.9}}
    assert recipe.score(better) > recipe.score(worse)
