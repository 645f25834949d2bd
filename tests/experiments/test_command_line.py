"""The experiment as a person runs it: a process, its output, its exit status, and what it leaves on disk."""

import re
import signal
import subprocess
import time

import incense
import pytest

pytestmark = pytest.mark.slow

REFUSED = [
    (["with", "hidden=abc"], "hidden='abc' is not a whole number from 1 to 4096"),
    (["with", "data_size=2000"], "the range 0..999 holds 1000 numbers"),
    (["with", "hiden=64"], "did you mean hidden?"),
    (["with", "a.b=3"], "a={'b': 3} is no entry of the config"),
    (["with", "seed=abc"], "seed='abc' is not a whole number"),
    (["with", "run=3"], "run=3 is no entry of the config"),
    (["with", "missing.json"], "missing.json is neither a file nor a named config (known: fast)"),
    (["with", "broken.json"], "broken.json cannot be read as a config"),
    (["with", "list.json"], "list.json holds no config"),
    (["with", "text.txt"], "text.txt cannot be read as a config"),
    (["hidden=64"], "did you mean 'with hidden=64'?"),
    (["juggle"], "there is no command juggle: there are print_config"),
    (["help", "juggle"], "there is no command juggle"),
    (["--xyzzy"], "there is no option --xyzzy"),
    (["--mongo_db"], "cannot read '--mongo_db'"),
    (["--mongo_db", "foo:bar"], "'foo:bar' is no MongoDB address"),
    (["--file_storage", "text.txt"], "text.txt is no directory"),
    (["--id", "../1"], "'../1' is no name for a run"),
    (["--beat-interval", "soon"], "--beat-interval=soon is not a number"),
    (["--capture", "all"], "--capture=all is not one of no, sys, fd"),
    (["--loglevel", "chatty"], "--loglevel=chatty is not"),
    (["predict", "with", "words=elf"], "run=<id> names a run in runs (nothing is recorded there)"),
    (["predict", "with", "run=7", "words=elf"], "there is no run=7 in runs (nothing is recorded there)"),
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A place where a fast run has been recorded, and what it printed."""
    from tests.experiments.conftest import Place

    place = Place(tmp_path_factory.mktemp("place"))
    return place, place.run("with", "fast", "seed=5")


def test_a_run_prints_its_result_and_what_to_do_next(recorded):
    _, done = recorded

    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) < 15
    assert any(line.startswith("test: accuracy") for line in lines)
    assert "completed; recorded in runs/1" in lines
    for command in ("tensorboard --logdir runs", "predict with run=1", "for hidden in", "-m analysis.runs runs"):
        assert any(command in line for line in lines), command


def test_what_was_printed_is_stored(recorded):
    place, done = recorded

    stored = (place.directory / "runs" / "1" / "cout.txt").read_text()
    assert stored.strip()
    assert done.stdout.startswith(stored)


def test_a_stored_config_gives_the_same_run_to_the_last_bit(recorded):
    place, _ = recorded
    assert place.run("with", "runs/1/config.json", "-F", "again").returncode == 0

    first, again = place.read("runs/1/metrics.json"), place.read("again/1/metrics.json")
    assert place.read("runs/1/config.json") == place.read("again/1/config.json")
    assert first.keys() == again.keys()
    for name in first.keys() - {"train/steps_per_second"}:
        assert (first[name]["steps"], first[name]["values"]) == (again[name]["steps"], again[name]["values"]), name


def test_a_run_answers_words_in_a_table_and_nothing_is_recorded(recorded):
    place, _ = recorded
    done = place.run("predict", "with", "run=1", "words=elf, zwanzig,vierhundertfünfunddreißig")

    assert done.returncode == 0
    assert done.stderr == ""
    header, *rows = done.stdout.splitlines()
    assert header.split("  ")[0] == "word"
    assert [row.split()[0] for row in rows] == ["elf", "zwanzig", "vierhundertfünfunddreißig"]
    for row in rows:
        _, parity, probability = row.split()
        assert int(parity) == (float(probability) > 0.5)
    assert sorted(path.name for path in (place.directory / "runs").iterdir()) == ["1", "_sources"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run=1"], "words=None names no word"),
        (["run=1", "words=,"], "words=, names no word"),
        (["run=9", "words=elf"], "there is no run=9 in runs (recorded there: 1)"),
        (["run=1", "words=elf", "hidden=3"], "predict takes run and words"),
        (["fast", "run=1", "words=elf"], "predict takes run and words"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(recorded, arguments, message):
    place, _ = recorded
    done = place.run("predict", "with", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_id_that_exists_is_refused_and_its_run_is_untouched(recorded):
    place, _ = recorded
    before = (place.directory / "runs" / "1" / "run.json").read_bytes()
    done = place.run("--id", "1", "with", "fast")

    assert done.returncode == 1
    assert "runs/1 exists already" in done.stderr
    assert (place.directory / "runs" / "1" / "run.json").read_bytes() == before


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_what_cannot_be_done_takes_one_line_and_records_nothing(place, arguments, message):
    (place.directory / "broken.json").write_text('{"hidden": ')
    (place.directory / "list.json").write_text("[64]")
    (place.directory / "text.txt").write_text("hidden=64")
    files = sorted(place.directory.iterdir())
    done = place.run(*arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.startswith("parity: ")
    assert done.stderr.count("\n") == 1
    assert sorted(place.directory.iterdir()) == files


@pytest.mark.parametrize("arguments", [["help"], ["help", "train"], ["print_config"], ["with", "hidden=abc"]])
def test_what_needs_no_network_does_not_import_tensorflow(place, arguments):
    done = place.run(*arguments, PYTHONPROFILEIMPORTTIME="1")

    assert re.search(r"\| +sacred$", done.stderr, re.MULTILINE)
    assert not re.search(r"\| +tensorflow$", done.stderr, re.MULTILINE)


def test_print_config_shows_every_entry_with_its_help(place):
    done = place.run("print_config", "with", "hidden=32")

    assert done.returncode == 0
    assert "hidden = 32" in done.stdout
    assert "units of the LSTM" in done.stdout
    assert not (place.directory / "runs").exists()


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


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, "TERMINATED"), (signal.SIGHUP, "TERMINATED"), (signal.SIGINT, "INTERRUPTED")],
)
def test_a_signal_ends_the_run_with_a_status_of_its_own(place, number, status):
    process = place.start("with", "max_steps=1000000", "patience=1000000", "seed=5")
    wait_for(place.directory / "runs" / "1" / "model" / "checkpoint", process)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert f"{status.lower()}; recorded in runs/1" in out
    assert place.read("runs/1/run.json")["status"] == status
    assert place.read("runs/1/metrics.json")["validation/loss"]["steps"][0] == 0


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
