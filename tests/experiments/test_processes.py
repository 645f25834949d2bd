"""Whole runs as processes: how they end, and what survives closed pipes and others beside them."""

import os

import incense
import pytest

from tests.experiments.conftest import ROOT

pytestmark = pytest.mark.slow


def test_a_reader_that_goes_away_does_not_end_the_run(place):
    process = place.start("with", "fast", "seed=5")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=300) == 0
    assert place.read("runs/1/run.json")["status"] == "COMPLETED"


def test_an_encoding_that_lacks_umlauts_does_not_end_the_run(place):
    done = place.run("with", "fast", "seed=5", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")

    assert done.returncode == 0, done.stderr


def test_a_language_without_words_for_some_numbers_is_one_line(place):
    done = place.run("with", "fast", "seed=0", "language=am", "extrapolation_max=20000")

    assert done.returncode == 1
    assert "has no word for" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(place.directory.iterdir())


def test_an_unobserved_run_leaves_nothing(place):
    done = place.run("--unobserved", "with", "fast")

    assert done.returncode == 0
    assert "test: accuracy" in done.stdout
    assert not list(place.directory.iterdir())


def test_a_run_that_diverges_is_a_result(place):
    done = place.run("with", "fast", "seed=5", "learning_rate=1000")

    assert done.returncode == 0
    assert done.stderr == ""
    assert "Diverged: the loss is" in done.stdout
    assert place.read("runs/1/run.json")["status"] == "DIVERGED"
    assert place.read("runs/1/run.json")["result"] is None
    assert place.read("runs/1/info.json")["diverged_at_step"] > 1


def test_no_secret_of_an_address_or_a_comment_is_recorded_or_printed(place):
    """The server is away: what waits is said, too."""
    url = "mongodb://name:hunter2@127.0.0.1:9/runs"
    done = place.run("-m", url, "-c", f"see {url}", "with", "fast", "seed=5", MONGO_URL=url)

    assert done.returncode == 0, done.stderr
    assert "wait for MongoDB" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    written = [path for path in place.directory.rglob("*") if path.is_file()]
    assert not [path for path in written if b"hunter2" in path.read_bytes()]
    assert place.read("runs/1/run.json")["meta"]["comment"] == "see mongodb://127.0.0.1:9/runs"
    assert "mongodb://127.0.0.1:9/runs" in place.read("runs/1/run.json")["meta"]["command_line"]


def test_a_run_is_in_mongodb_as_well_and_its_url_is_nowhere(place, mongo_url):
    done = place.run("with", "fast", "seed=5", MONGO_URL=f"{mongo_url}?appname=hunter2")
    address, _, database = mongo_url.rpartition("/")
    [run] = incense.ExperimentLoader(mongo_uri=address, db_name=database).find_all()

    assert done.returncode == 0, done.stderr
    assert run.id == 1
    assert run.config.seed == 5
    assert run.result == place.read("runs/1/run.json")["result"]
    assert run.metrics["test/accuracy"].iloc[0] == run.result
    assert len(run.metrics["train/loss"]) == 4
    written = [path.read_bytes() for path in place.directory.rglob("*") if path.is_file()]
    assert not [content for content in written if b"hunter2" in content]
    assert "hunter2" not in str(run.to_dict())


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


def test_sources_that_a_training_uses_last_are_recorded_as_well(two_runs):
    """The export and the page of hyper-parameters; of core only what other commands use is missing."""
    sources = {name for name, _ in two_runs.read("runs/1/run.json")["experiment"]["sources"]}
    used = {f"core/{path.name}" for path in (ROOT / "core").glob("*.py")} - {"core/explain.py"}

    assert {name for name in sources if name.startswith("core/")} == used
    assert not [name for name in sources if "sweep" in name]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="takes a machine with two processors")
def test_the_bits_do_not_depend_on_how_many_processors_there_are(place):
    """A batch this large is one that TensorFlow would share out among all of them."""
    config = ("seed=1", "hidden=256", "batch_size=256", "max_steps=20", "evaluate_every=10", "patience=20")
    everywhere = os.sched_getaffinity(0)
    try:
        for processors in ({min(everywhere)}, everywhere):
            os.sched_setaffinity(0, processors)  # which a process hands down
            assert place.run("with", *config, "-F", "runs").returncode == 0
    finally:
        os.sched_setaffinity(0, everywhere)

    weights = [sorted(run.glob("model/model.ckpt-*.data*")) for run in place.runs()]
    one, all_of_them = ([path.name for path in paths] for paths in weights)
    assert one == all_of_them
    assert [path.read_bytes() for path in weights[0]] == [path.read_bytes() for path in weights[1]]
