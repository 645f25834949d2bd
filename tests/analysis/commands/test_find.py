from tests.analysis.conftest import write_run


def test_the_best_configuration_is_named(sweep, analyse):
    assert analyse("best", sweep).splitlines()[0] == (
        "best by validation, median accuracy 0.95 over 6 seeds: hidden=32"
    )


def test_there_is_no_best_run_without_a_validation(runs, analyse):
    assert analyse("best", runs, status=1) == (
        f"analysis: no completed run in {runs} has a validation and a test result\n"
    )


def test_failed_runs_are_listed_with_the_reason(sweep, runs, analyse):
    assert analyse("failed", sweep).splitlines()[1].split(maxsplit=2) == ["19", "FAILED", "ValueError: on purpose"]
    assert analyse("failed", sweep, "--format", "csv") == "run,status,reason\n19,FAILED,ValueError: on purpose\n"
    assert analyse("failed", runs) == "none of 2 runs failed\n"


def test_duplicates_are_listed_with_their_results(sweep, analyse):
    assert analyse("duplicates", sweep) == "none of 19 runs is there twice\n"
    for number, accuracy in ((20, 0.45), (21, 0.5)):
        write_run(sweep, number, {"task": "parity", "hidden": 8, "seed": number - 20}, {"test/accuracy": accuracy})

    assert analyse("duplicates", sweep).splitlines() == [
        "1 (0.45), 20 (0.45): the same result",
        "2 (0.46), 21 (0.5): different results",
    ]


def test_a_run_and_the_one_that_resumes_it_are_no_duplicates(tmp_path, analyse):
    one, two = tmp_path / "one", tmp_path / "two"
    config, parent = {"task": "parity", "hidden": 64, "seed": 7}, {"directory": "elsewhere/20", "uuid": "a"}
    write_run(one, 20, config, info={"uuid": "a"}, status="INTERRUPTED")
    write_run(one, 21, config, {"test/accuracy": 0.5}, {"uuid": "b", "parent": parent})
    assert analyse("duplicates", one) == "none of 2 runs is there twice\n"

    write_run(two, 20, config, {"test/accuracy": 0.5}, {"uuid": "c"})  # another of the same number
    assert analyse("duplicates", one, two) == f"{one}/21 (0.5), {two}/20 (0.5): the same result\n"
