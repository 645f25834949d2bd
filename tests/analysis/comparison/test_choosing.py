import itertools

import pandas as pd
import pytest

from analysis.comparison.choosing import choose, configuration_names, duplicates, failures
from analysis.loading import load_runs
from analysis.tables import config_entries, table
from tests.analysis.conftest import write_run


def chosen(directory):
    experiments = load_runs(directory)
    return choose(table(experiments), config_entries(experiments))


def test_the_best_configuration_has_the_best_median_validation(sweep):
    [choice] = chosen(sweep)

    assert choice.best == ("hidden=32",)
    assert choice.configurations.index.tolist() == ["hidden=32", "hidden=16", "hidden=8"]
    assert len(choice.runs) == 18
    assert list(choice.sentences()) == [
        "best by validation, median accuracy 0.95 over 6 seeds: hidden=32",
        "  hidden=32: test accuracy, median 0.9 (95 % interval 0.88 to 0.92)",
        "  hidden=32 against hidden=16, the next, on the test: hidden=32 is better than hidden=16: the difference is"
        " more than chance, from 6 common seeds",
    ]


def test_a_lucky_seed_is_not_the_best_configuration(sweep):
    info = {"best_step": 1, "best_validation": 1.0}
    write_run(sweep, 1, {"task": "parity", "hidden": 8, "seed": 0}, {"test/accuracy": 1.0}, info, result=1.0)

    assert chosen(sweep)[0].best == ("hidden=32",)


def test_equal_configurations_are_all_named(tmp_path):
    for number, hidden in enumerate((4, 8, 16)):
        config, info = {"task": "parity", "hidden": hidden, "seed": 0}, {"best_validation": 1.0 if hidden > 4 else 0.5}
        write_run(tmp_path, number, config, {"test/accuracy": 0.9 + hidden / 1000}, info)
    [choice] = chosen(tmp_path)

    assert choice.best == ("hidden=8", "hidden=16")
    assert next(iter(choice.sentences())) == (
        "best by validation, median accuracy 1 over 1 seed: hidden=8; equal: hidden=16"
    )


def test_runs_of_several_questions_have_a_best_one_each(sweep):
    config = {"task": "number", "hidden": 8, "seed": 0}
    write_run(sweep, 20, config, {"test/mean_absolute_error": 2.0, "test/exact": 0.5}, {"best_validation": 1.0})
    number, parity = chosen(sweep)

    assert (number.question, number.metric) == ("task=number", "test/mean_absolute_error")
    assert (parity.question, parity.best) == ("task=parity", ("hidden=32",))
    assert next(iter(parity.sentences())).startswith("task=parity: best by validation")


def test_configurations_without_a_common_seed_are_not_compared(tmp_path):
    for number, hidden in enumerate((4, 8)):
        config, info = {"task": "parity", "hidden": hidden, "seed": number}, {"best_validation": 0.5}
        write_run(tmp_path, number, config, {"test/accuracy": 0.5}, info)

    assert chosen(tmp_path)[0].comparison is None


def test_failed_runs_have_their_reason(sweep):
    runs = table(load_runs(sweep))

    assert failures(runs).to_dict("index") == {19: {"status": "FAILED", "reason": "ValueError: on purpose"}}


def test_a_run_that_a_signal_ended_says_so(sweep):
    write_run(sweep, 20, {"task": "parity"}, status="TERMINATED")

    assert failures(table(load_runs(sweep))).loc[20, "reason"] == "a signal ended it"


def test_runs_with_the_same_config_and_seed_are_duplicates(sweep):
    write_run(sweep, 20, {"task": "parity", "hidden": 8, "seed": 0}, {"test/accuracy": 0.5})
    experiments = load_runs(sweep)
    [group] = duplicates(table(experiments), config_entries(experiments))

    assert group.index.tolist() == [1, 20]


def test_without_runs_there_are_no_duplicates():
    assert duplicates(table([]), []) == []


@pytest.mark.parametrize(("hidden", "names"), [([8, 16], ["hidden=8", "hidden=16"]), ([8, 8], ["all runs"] * 2)])
def test_a_configuration_is_named_by_what_differs(hidden, names):
    runs = pd.DataFrame({"hidden": hidden, "seed": [0, 1], "rate": [0.5, 0.5]})

    assert configuration_names(runs, ["hidden", "seed", "rate"]).tolist() == names


def test_a_configuration_whose_runs_diverge_is_not_the_best(sweep):
    for run in range(13, 18):
        config = {"task": "parity", "hidden": 32, "seed": run - 13}
        write_run(sweep, run, config, {}, {"best_validation": 0.99}, status="DIVERGED")

    assert chosen(sweep)[0].best == ("hidden=16",)


def test_a_pruned_run_is_not_chosen_but_listed_with_the_reason(sweep):
    before = chosen(sweep)[0].best
    config = {"task": "parity", "hidden": 64, "seed": 0}
    write_run(sweep, 13, config, {}, {"best_validation": 1.0, "pruned_at_step": 50}, status="PRUNED")

    assert chosen(sweep)[0].best == before
    failed = failures(table(load_runs(sweep)))
    assert ("PRUNED", "a search ended it: other trials were better") in failed.itertuples(index=False, name=None)


def test_the_next_is_the_first_that_is_not_equal(tmp_path):
    for number, (hidden, validation) in enumerate(((4, 0.9), (8, 0.9), (16, 0.8))):
        config, info = {"task": "parity", "hidden": hidden, "seed": 0}, {"best_validation": validation}
        write_run(tmp_path, number, config, {"test/accuracy": 0.5}, info)
    [choice] = chosen(tmp_path)

    assert choice.best == ("hidden=4", "hidden=8")
    assert choice.comparison is not None
    assert choice.comparison.names == ("hidden=4", "hidden=16")


def test_a_configuration_of_whole_numbers_and_fractions_has_one_name(tmp_path):
    for number, (hidden, rate, seed) in enumerate(itertools.product((8, 16), (0.5, 0.25), range(6))):
        config = {"task": "parity", "hidden": hidden, "learning_rate": rate, "seed": seed}
        info = {"best_validation": hidden * rate / 100}
        write_run(tmp_path, number, config, {"test/accuracy": hidden * rate / 100}, info)
    [choice] = chosen(tmp_path)

    assert choice.best == ("hidden=16 learning_rate=0.5",)
    assert set(choice.names) == set(choice.configurations.index)
    assert list(choice.sentences())[-1].startswith("  hidden=16 learning_rate=0.5 against hidden=")
