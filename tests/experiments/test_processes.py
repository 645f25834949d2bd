"""Whole runs as processes: how they end, and what survives signals, closed pipes and others beside them."""

import signal
import subprocess
import time

import incense
import pytest

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


@pytest.fixture
def long_run(place):
    """Start a run that would last for hours, wait until it trains, and see that it does not outlive the test."""
    processes = []

    def start(ignored=()):
        process = place.start("with", "max_steps=1000000", "patience=1000000", "seed=5", ignored=ignored)
        processes.append(process)
        wait_for(place.directory / "runs" / "1" / "model" / "checkpoint", process)
        return process

    yield start
    for process in processes:
        process.kill()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, "TERMINATED"), (signal.SIGHUP, "TERMINATED"), (signal.SIGINT, "INTERRUPTED")],
)
def test_a_signal_ends_the_run_with_a_status_of_its_own(place, long_run, number, status):
    process = long_run()
    process.send_signal(number)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert f"{status.lower()}; recorded in runs/1" in out
    assert place.read("runs/1/run.json")["status"] == status
    assert place.read("runs/1/metrics.json")["validation/loss"]["steps"][0] == 0


def test_under_nohup_a_closed_terminal_does_not_end_the_run(place, long_run):
    process = long_run(ignored=[signal.SIGHUP])
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)

    assert process.returncode == 128 + signal.SIGTERM


def wait_for(path, process: subprocess.Popen) -> None:
    """Wait until the file is there, as long as the process lives."""
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


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
