"""Whole runs as processes: in MongoDB, several at once, and on any number of processors."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import incense
import pytest

from tests.experiments.place import ROOT, SCRIPT, SWEEP, entry, points

pytestmark = pytest.mark.slow

SECRET = secrets.token_hex()  # a fixed one would be in git.diff while this file is changed


def test_no_secret_of_an_address_or_a_comment_is_recorded_or_printed(place):
    """The server cannot be reached, so that the warnings are checked as well."""
    url = f"mongodb://name:{SECRET}@127.0.0.1:9/runs"
    done = place.run("-m", url, "-c", f"see {url}", "with", "fast", "seed=5", MONGO_URL=url)

    assert done.returncode == 0, done.stderr
    assert "not in MongoDB yet" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    written = [path for path in place.directory.rglob("*") if path.is_file()]
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]
    assert place.read("runs/1/run.json")["meta"]["comment"] == "see mongodb://127.0.0.1:9/runs"
    assert "mongodb://127.0.0.1:9/runs" in place.read("runs/1/run.json")["meta"]["command_line"]


def test_a_run_is_in_mongodb_as_well_and_its_url_is_nowhere(place, mongo_url):
    done = place.run("with", "fast", "seed=5", MONGO_URL=f"{mongo_url}?appname={SECRET}")
    address, _, database = mongo_url.rpartition("/")
    [run] = incense.ExperimentLoader(mongo_uri=address, db_name=database).find_all()

    assert done.returncode == 0, done.stderr
    assert "completed; recorded in runs/1, in MongoDB as 1" in done.stdout
    assert run.id == 1
    assert run.config.seed == 5
    assert run.result == place.read("runs/1/run.json")["result"]
    assert run.metrics["test/accuracy"].iloc[0] == run.result
    assert len(run.metrics["train/loss"]) == 4
    written = [path.read_bytes() for path in place.directory.rglob("*") if path.is_file()]
    assert not [content for content in written if SECRET.encode() in content]
    assert SECRET not in str(run.to_dict())


def test_an_option_names_mongodb_as_well(place, mongo_url):
    host, _, database = mongo_url.removeprefix("mongodb://").rpartition("/")
    done = place.run("-m", f"{host}:{database}", "with", "fast", "seed=5")
    [run] = incense.ExperimentLoader(mongo_uri=f"mongodb://{host}", db_name=database).find_all()

    assert done.returncode == 0, done.stderr
    assert run.status == "COMPLETED"


def test_four_runs_at_once_share_a_directory_and_a_database(place, mongo_url):
    processes = [place.start("with", "fast", f"seed={seed}", MONGO_URL=mongo_url) for seed in range(4)]
    for process in processes:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    address, _, database = mongo_url.rpartition("/")
    stored = incense.ExperimentLoader(mongo_uri=address, db_name=database).find_all()
    results = {run.config.seed: run.result for run in stored}

    assert sorted(run.id for run in stored) == [1, 2, 3, 4]
    assert {run.status for run in stored} == {"COMPLETED"}
    assert sorted(results) == [0, 1, 2, 3]
    for number in (1, 2, 3, 4):
        recorded = place.read(f"runs/{number}/run.json")
        assert recorded["status"] == "COMPLETED"
        assert recorded["result"] == results[place.read(f"runs/{number}/config.json")["seed"]]


def test_every_source_of_core_that_a_training_uses_is_recorded(two_runs):
    """The export and the hyper-parameters are the last; sources that only other commands use are not recorded."""
    sources = {name for name, _ in two_runs.read("runs/1/run.json")["experiment"]["sources"]}
    of_core = {path.relative_to(ROOT).as_posix() for path in (ROOT / "core").rglob("*.py")}
    unused = {f"core/serving/{name}.py" for name in ("explain", "numbers", "predict")}

    assert {name for name in sources if name.startswith("core/")} == of_core - unused
    assert not [name for name in sources if "sweep" in name]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs a machine with two processors")
def test_the_bits_do_not_depend_on_the_number_of_processors(place):
    """TensorFlow would share out a batch of this size among all processors."""
    config = ("seed=1", "hidden=256", "batch_size=256", "max_steps=20", "evaluate_every=10", "patience=20")
    everywhere = os.sched_getaffinity(0)
    try:
        for processors in ({min(everywhere)}, everywhere):
            os.sched_setaffinity(0, processors)  # a process inherits it
            assert place.run("with", *config, cold=True).returncode == 0
    finally:
        os.sched_setaffinity(0, everywhere)

    weights = [sorted(run.glob("model/model.ckpt-*.data*")) for run in place.runs()]
    one, all_of_them = ([path.name for path in paths] for paths in weights)
    assert one == all_of_them
    assert [path.read_bytes() for path in weights[0]] == [path.read_bytes() for path in weights[1]]


def test_a_reader_that_closes_the_pipe_does_not_end_the_run(place):
    process = place.start("with", "fast", "seed=5")
    assert process.stdout is not None
    process.stdout.close()

    assert process.wait(timeout=300) == 0
    assert place.read("runs/1/run.json")["status"] == "COMPLETED"


@pytest.mark.parametrize("script", [SCRIPT, SWEEP], ids=["run", "sweep"])
def test_closed_descriptors_end_nothing_and_nothing_else_gets_into_the_record(place, two_runs, script):
    words = ["with"] if script == SCRIPT else ["parity"]
    command = [sys.executable, str(script), *words, "fast", "seed=5"]
    done = subprocess.run(["bash", "-c", '"$@" <&- >&- 2>&-', "bash", *command], cwd=place.directory)
    [run], alone = place.runs(), two_runs.runs()[0]

    assert done.returncode == 0
    assert entry(run)["status"] == "COMPLETED"
    assert points(run) == points(alone)
    assert (run / "cout.txt").read_text() == (alone / "cout.txt").read_text()


def test_a_full_disk_behind_a_redirect_is_told_after_the_work(place):
    command = [sys.executable, str(SCRIPT), "with", "fast", "seed=5"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, cwd=place.directory, stdout=full, stderr=subprocess.PIPE, text=True)

    assert (done.returncode, done.stderr) == (
        1,
        "parity: write error: No space left on device; make room on its disk\n",
    )
    assert place.read("runs/1/run.json")["status"] == "COMPLETED"


def test_an_encoding_without_umlauts_does_not_end_the_run(place):
    done = place.run("with", "fast", "seed=5", cold=True, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")

    assert done.returncode == 0, done.stderr
