"""The command line of a sweep: what is refused, and which experiments there are."""

import sys

import pytest

import experiments
from experiments.pipeline.errors import UserError
from experiments.recording.layout import ROOT
from experiments.sweeps.options import find_experiment, read_command_line

REFUSED = [
    ((), "EXPERIMENT"),
    (("party", "seed=1"), "there is no experiment party: did you mean parity?\n"),
    (("parity", "hiden=8,16"), "hiden=8 is not an entry of the config: did you mean hidden?"),
    (("parity", "hidden=8,none"), "hidden='none' is not a whole number from 1 to 4096"),
    (("parity", "fats", "seed=1"), "fats is neither a file nor a named config"),
    (("parity", "hidden~uniform(1,9)"), "hidden is drawn: set the number of draws with --runs NUMBER"),
    (("parity", "hidden=8", "--runs", "5"), "--runs 5 is for draws, and nothing is drawn"),
    (("parity", "--cluster-options", "cores=2"), "--cluster-options cores=2 are for a batch system: add --cluster sl"),
    (("parity", "--dry-run", "--cluster", "slum"), "--cluster slum is neither the address of a scheduler"),
    (
        ("parity", "--dry-run", "--cluster", "local", "--cluster-options", "n_workers=-1"),
        "n_workers=-1 in --cluster-op",
    ),
    (("parity", "--dry-run", "--cluster", "tpc://h:1"), "tpc://h:1 is not the address of a scheduler: write tcp://H"),
    (("parity", "--dry-run", "--cluster", "tls://h:1"), "tls://h:1 needs certificates: distributed.comm.tls.ca-file"),
    (("parity", "--dry-run", "--cluster", "h:1", "--cluster-options", "a=1"), "--cluster-options are for a cluster"),
    (("parity", "--jobs", "0"), "0 is not a whole number from 1"),
    (("parity", "--jobs", "-1"), "-1"),
    (("parity", "--jobs", "100000"), "100000 is not a whole number from 1 to "),
    (("parity", "--jbos", "2"), "--jbos"),
    (("sweeping", "seed=1"), "there is no experiment sweeping: choose one of number, parity\n"),
    (("laboratory", "seed=1"), "there is no experiment laboratory: choose one of number, parity\n"),
    (("parity", "--part", "4/4"), "4/4 is not a part: write I/N, part I of N, with I from 0 to N-1"),
    (("parity", "--part", "1"), "1 is not a part: write I/N"),
    (("parity", "--part", ""), " is not a part: write I/N"),
    (("parity", "--draw-seed=-1"), "-1 is not a whole number from 0"),
    (("parity", "head={[]:1}"), "head"),
    (("parity", "hidden=1..4000", "seed=0..99999"), "this sweep has 400000000 runs"),
    (("parity", "-m", "http://x"), "the address of MongoDB names no database; expected mongodb://"),
    (("parity", "-F", "/dev/null/runs"), "cannot record runs in /dev/null/runs: /dev/null is not a directory"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_a_sweep_is_refused_in_one_line_before_any_run_starts(run_sweep, place, arguments, message):
    done = run_sweep(*arguments)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("sweep: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(place.directory.iterdir())


def test_the_help_explains_draws(run_sweep):
    done = run_sweep("--help")

    assert done.returncode == 0
    assert "learning_rate~loguniform(1e-4,1e-1)" in done.stdout
    assert ROOT.name not in done.stdout


def test_options_of_the_sweep_become_options_of_each_run():
    options = read_command_line(["parity", "with", "fast", "hidden=8,16", "-F", "there", "-m", "a:1:b", "-e"])

    assert options.run_options == ["-F", "there", "-m", "a:1:b", "-e"]
    assert options.grid.named_configs == ["fast"]
    assert options.grid.varied == ["hidden"]


@pytest.mark.parametrize("name", ["number", "number.py", "experiments/number.py"])
def test_an_experiment_is_found_by_the_name_or_path_of_its_script(name):
    assert find_experiment(name).path == "number"


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A directory whose modules belong to the package `experiments`, as if they lay beside parity.py."""
    monkeypatch.setattr(experiments, "__path__", [*experiments.__path__, str(tmp_path)])
    yield tmp_path
    for name in ("divisible", "helpers"):
        sys.modules.pop(f"experiments.{name}", None)


def test_a_copy_of_a_script_is_an_experiment(scripts):
    source = (ROOT / "experiments" / "parity.py").read_text(encoding="utf-8")
    (scripts / "divisible.py").write_text(source.replace('"parity"', '"divisible"', 1), encoding="utf-8")

    assert find_experiment("divisible").path == "divisible"
    with pytest.raises(UserError, match="there is no experiment abc: choose one of number, parity, divisible"):
        find_experiment("abc")


def test_a_script_without_an_experiment_is_refused(scripts):
    (scripts / "helpers.py").write_text("experiment = 1\n", encoding="utf-8")

    with pytest.raises(UserError, match=r"experiments/helpers\.py has no WordExperiment"):
        find_experiment("helpers")
