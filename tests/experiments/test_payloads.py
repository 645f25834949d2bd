"""Nothing stored is executed: payloads in config files and in each file of a run, read by each command."""

import json
import pickle
import shutil

import jsonpickle
import pytest

from tests.experiments.place import SWEEP

FILES = ["config", "run", "info", "metrics", "notes", "model/last/state"]
COMMANDS = [
    "with resume=1",
    "predict with run=1 words=elf",
    "predict with run=best words=elf",
    "mistakes with run=1 show=1",
    "explain with run=1 word=elf",
    "export with run=1",
]


class Payload:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return shutil.copy, ("/dev/null", self.mark)


@pytest.fixture
def mark(tmp_path):
    """A file that each payload would create."""
    return tmp_path / "executed"


def payloads(mark):
    """Values that jsonpickle would execute."""
    call = [{"py/function": "shutil.copy"}, {"py/tuple": ["/dev/null", str(mark)]}]
    return [
        {"py/reduce": call},
        {"py/object": "subprocess.Popen", "py/newargs": {"py/tuple": [["touch", str(mark)]]}},
        {"py/repr": f"shutil/shutil.copy('/dev/null', {str(mark)!r})"},
        {"py/object": "collections.OrderedDict", "py/reduce": [*call, None, None, None]},
    ]


def test_the_payloads_work(mark):
    jsonpickle.decode(json.dumps(payloads(mark)[0]), keys=True)
    assert mark.exists()
    mark.unlink()
    pickle.loads(pickle.dumps(Payload(str(mark))))
    assert mark.exists()


@pytest.mark.parametrize("command", ["with", "print_config with", "sweep"])
def test_a_config_file_executes_nothing(place, run_in_process, mark, command):
    contents = {f"{number}.json": json.dumps({"hidden": value}) for number, value in enumerate(payloads(mark))}
    contents |= {f"whole{number}.json": json.dumps(value) for number, value in enumerate(payloads(mark))}
    contents["a.yaml"] = f"hidden: !!python/object/apply:shutil.copy [/dev/null, {mark}]"
    contents["b.yml"] = f"!!python/object/new:shutil.copy [/dev/null, {mark}]"
    for name, content in contents.items():
        (place.directory / name).write_text(content, encoding="utf-8")
    (place.directory / "c.pickle").write_bytes(pickle.dumps({"hidden": Payload(str(mark))}))
    for name in (*contents, "c.pickle"):
        if command == "sweep":
            done = place.run("parity", "fast", name, "--dry-run", script=SWEEP)
        else:
            done = run_in_process(place, *command.split(), "fast", name)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert name in done.stderr

    assert not mark.exists()
    assert not (place.directory / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_a_run_executes_nothing(own_runs, run_in_process, mark, name):
    run = own_runs.directory / "runs" / "1"
    path = run / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    content = json.loads(path.read_bytes()) if path.exists() else {}
    if name == "run":
        content["status"] = "INTERRUPTED"
    path.write_text(json.dumps({**content, "payload": payloads(mark), "result": payloads(mark)}), encoding="utf-8")
    for command in COMMANDS:
        run_in_process(own_runs, *command.split())
    path.write_text(json.dumps(payloads(mark)[0]), encoding="utf-8")
    for command in (*COMMANDS, "with runs/1/config.json max_steps=1"):
        run_in_process(own_runs, *command.split())

    assert not mark.exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["metrics.jsonl", "model/alphabet.txt", "model/checkpoint", "cout.txt"])
def test_a_text_file_of_a_run_executes_nothing(own_runs, run_in_process, mark, name):
    run = own_runs.directory / "runs" / "1"
    (run / name).write_text(json.dumps(payloads(mark)[0]) + "\n", encoding="utf-8")
    for command in COMMANDS:
        run_in_process(own_runs, *command.split())

    assert not mark.exists()
