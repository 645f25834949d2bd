"""What is recorded of a run survives a power cut, whenever it comes."""

import itertools
import json
import shutil
import signal
from pathlib import Path

import pytest

from core.training.hooks import checkpoints
from core.training.state import find_state
from observers.directory.journal_reader import read_points
from tests.experiments.place import Place, entry, points
from tests.experiments.saved_training import CONFIG, train, train_until_interrupted
from tests.experiments.surviving import untruths
from tests.power_cut import Cut, Disk, Names, watch

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, Disk]:
    """A run from its start to its end, watched."""
    directory = tmp_path_factory.mktemp("whole")
    with watch(directory) as disk:
        assert train(directory, "with", *CONFIG) == 0
    return directory, disk


@pytest.fixture(scope="module")
def resumed(tmp_path_factory) -> tuple[Path, Disk]:
    """An interrupted run, and the run that resumes it, which is watched from its start to its end."""
    directory = tmp_path_factory.mktemp("resumed")
    train_until_interrupted(directory)
    with watch(directory) as disk:
        assert train(directory, "with", "resume=1") == 0
    return directory, disk


def status_of(runs, run_id):
    path = runs / run_id / "run.json"
    return json.loads(path.read_text())["status"] if path.exists() else None


def after(disk: Disk, cut: Cut, target: Path, names: Names) -> Path:
    disk.build(cut, target, names)
    return target / "runs"


def look(disk, tmp_path, run_id):
    """Build the disk after each cut; return what is untrue, and the statuses of the run."""
    found: list[str] = []
    statuses = set()
    for number, cut in enumerate(disk.cuts):
        for names in Names:
            runs = after(disk, cut, tmp_path / "after", names)
            found += [f"cut {number}, before {cut.before}, {names}: {line}" for line in untruths(runs)]
            statuses.add(status_of(runs, run_id))
            shutil.rmtree(tmp_path / "after")
    return found, statuses


def test_no_file_of_a_run_promises_what_a_power_cut_took(whole, tmp_path):
    _, disk = whole
    found, statuses = look(disk, tmp_path, "1")

    assert found == []
    assert len(disk.cuts) > 200
    assert statuses == {None, "RUNNING", "COMPLETED"}


def test_no_file_of_a_resumed_run_promises_what_a_power_cut_took(resumed, tmp_path):
    _, disk = resumed
    found, statuses = look(disk, tmp_path, "2")

    assert found == []
    assert statuses == {None, "RUNNING", "COMPLETED"}


def is_completed(disk, cut, tmp_path):
    status = status_of(after(disk, cut, tmp_path / "first", Names.FLUSHED), "1")
    shutil.rmtree(tmp_path / "first")
    return status == "COMPLETED"


@pytest.mark.parametrize("names", Names)
def test_a_completed_run_is_all_there(whole, tmp_path, names, capfd):
    directory, disk = whole
    completed = list(itertools.takewhile(lambda cut: is_completed(disk, cut, tmp_path), reversed(disk.cuts)))
    runs = after(disk, completed[-1], tmp_path / "after", names)
    recorded = directory / "runs" / "1"

    assert points(runs / "1") == points(recorded)
    assert "measured with the checkpoint of step" in (runs / "1" / "cout.txt").read_text()
    assert (runs / "1" / "export.zip").read_bytes() == (recorded / "export.zip").read_bytes()
    capfd.readouterr()
    assert train(tmp_path / "after", "predict", "with", "run=best", "words=elf") == 0
    assert "elf" in capfd.readouterr().out


@pytest.mark.parametrize("names", Names)
@pytest.mark.parametrize("run_id", ["1", "2"])
def test_a_run_resumes_from_what_survived_and_reaches_the_same_result(whole, resumed, tmp_path, names, run_id):
    directory, disk = whole if run_id == "1" else resumed
    cut = next(cut for cut in disk.cuts if cut.before.endswith("last/.state-11.json"))
    runs = after(disk, cut, tmp_path / "after", names)
    run = runs / run_id
    state = find_state(run / "model").state
    (run / "run.json").write_text(json.dumps({**entry(run), "status": "DEAD"}))  # its process, the tests', lives on

    assert state is not None
    assert state.step == 10
    assert train(tmp_path / "after", "with", f"resume={run_id}") == 0
    assert entry(Place(tmp_path / "after").runs()[-1])["result"] == entry(directory / "runs" / run_id)["result"]


def test_an_interrupted_run_keeps_every_point(tmp_path):
    directory = tmp_path / "watched"
    directory.mkdir()
    with pytest.MonkeyPatch.context() as patch, watch(directory) as disk:
        save = checkpoints.LastCheckpoint.save

        def save_and_interrupt(*arguments):
            save(*arguments)
            signal.raise_signal(signal.SIGINT)

        patch.setattr(checkpoints.LastCheckpoint, "save", save_and_interrupt)
        assert train(directory, "with", *CONFIG) == 128 + signal.SIGINT
    runs = after(disk, disk.cuts[-1], tmp_path / "after", Names.FLUSHED)

    assert untruths(runs) == []
    assert status_of(runs, "1") == "INTERRUPTED"
    logged = list(read_points(directory / "runs" / "1" / "metrics.jsonl"))
    assert list(read_points(runs / "1" / "metrics.jsonl")) == logged
    assert logged
