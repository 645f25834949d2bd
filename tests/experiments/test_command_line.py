"""The experiment as a person runs it: a process, its output, its exit status, and what it leaves on disk."""

import re
import subprocess
import sys

import pytest

from tests.experiments.conftest import SCRIPT

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
    (["--mongo_db", "foo:bar"], "the address of MongoDB cannot be read"),
    (["--file_storage", "text.txt"], "text.txt is no directory"),
    (["--id", "../1"], "'../1' is no id of a run"),
    (["--beat-interval", "soon"], "--beat-interval=soon is not a number from 0.1 to 60"),
    (["--beat-interval", "0"], "--beat-interval=0 is not a number from 0.1 to 60"),
    (["--queue"], "--queue leaves a run that nothing would ever execute"),
    (["--sql", "sqlite://"], "--sql is no place for runs here"),
    (["trian"], "did you mean 'train'?"),
    (["predict", "with", "run=1", "word=elf"], "did you mean words?"),
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


def test_the_best_run_is_asked_words_from_standard_input(recorded):
    place, _ = recorded
    command = [sys.executable, str(SCRIPT), "predict", "with", "run=best"]
    done = subprocess.run(
        command, cwd=place.directory, input="ELF\n\nzwoelf\nx\n", capture_output=True, text=True, timeout=300
    )

    assert done.returncode == 0, done.stderr
    _, elf, empty, twelve, unknown = done.stdout.splitlines()
    asked = place.run("predict", "with", "run=1", "words=elf,zwölf").stdout.splitlines()
    assert [elf.split()[1:], twelve.split()[1:]] == [row.split()[1:] for row in asked[1:]]
    assert [empty.split(), unknown.split()] == [["-", "-"], ["x", "-", "-"]]
    assert re.fullmatch(
        r"run=best is run 1: parity of 0\.\.999, .*COMPLETED, accuracy .*", done.stderr.splitlines()[0]
    )
    assert done.stderr.splitlines()[1] == "not read: 2, empty, too long, or of characters that training has not seen"


def test_a_run_is_exported_again(recorded):
    place, _ = recorded
    done = place.run("export", "with", "run=1")

    assert (done.returncode, done.stdout) == (0, "exported to runs/1/model/export/1\n")
    assert "export.zip" in place.read("runs/1/run.json")["artifacts"]
    assert [path.name for path in (place.directory / "runs/1/model/export").iterdir()] == ["1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run=1"], 'which words? words="elf,zwanzig" says'),
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


def test_colours_are_for_terminals(place):
    assert "\x1b" not in place.run("print_config", "with", "hidden=32").stdout
