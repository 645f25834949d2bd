import pytest

from analysis.comparison.differing import diff
from analysis.loading import load_runs
from tests.analysis.conftest import write_run


@pytest.fixture
def pair(tmp_path):
    """Two runs that differ in everything."""
    (tmp_path / "_sources").mkdir()
    for number, (hidden, text, version) in enumerate(((8, "a\nb\n", "1.0"), (16, "a\nc\n", "1.1")), 1):
        (tmp_path / "_sources" / f"model_{number}.py").write_text(text)
        experiment = {
            "name": "parity",
            "sources": [["model.py", f"_sources/model_{number}.py"], ["same.py", "_sources/model_1.py"]],
            "dependencies": ["numpy==1.26.4", f"sacred=={version}"],
            "repositories": [{"commit": f"{number}" * 40, "dirty": True}],
        }
        directory = write_run(
            tmp_path,
            number,
            {"hidden": hidden, "seed": 1},
            {"test/accuracy": number / 10, "test/loss": 1},
            experiment=experiment,
            host={"hostname": "one", "python_version": f"3.11.{number}"},
        )
        (directory / "git.diff").write_text(f"+ {number}\n")
    return load_runs(tmp_path)


def test_a_difference_shows_config_results_code_packages_and_environment(pair):
    difference = diff(*pair)

    assert difference.names == ("run 1", "run 2")
    assert difference.values["config"] == {"hidden": (8, 16)}
    assert difference.values["results"] == {"test/accuracy": (0.1, 0.2), "test/loss": (1, 1)}
    assert difference.values["code"] == {"commit": ("1111111+", "2222222+")}
    assert difference.values["packages"] == {"sacred": ("1.0", "1.1")}
    assert difference.values["environment"] == {"python_version": ("3.11.1", "3.11.2")}


def test_sources_and_changes_are_shown_as_diffs(pair):
    texts = diff(*pair).texts

    assert texts["sources"] == ("--- run 1/model.py", "+++ run 2/model.py", "@@ -1,2 +1,2 @@", " a", "-b", "+c")
    assert texts["git diff"][-2:] == ("-+ 1", "++ 2")


def test_a_source_that_only_one_run_has_is_shown_whole_and_one_that_is_gone_is_named(pair, tmp_path):
    (tmp_path / "_sources" / "model_2.py").unlink()
    lines = diff(*pair).texts["sources"]

    assert lines[-1] == "+(cannot be read: FileNotFoundError)"
    assert "-b" in lines


def test_a_run_does_not_differ_from_itself(pair):
    difference = diff(pair[0], pair[0])

    assert not any(values for heading, values in difference.values.items() if heading != "results")
    assert not any(difference.texts.values())


def test_a_run_of_another_tool_can_be_compared(pair, tmp_path):
    write_run(tmp_path, 3, ["hidden"], experiment="x", host=None)

    assert diff(pair[0], load_runs(tmp_path)[2]).values["config"] == {"hidden": (8, "-"), "seed": (1, "-")}
