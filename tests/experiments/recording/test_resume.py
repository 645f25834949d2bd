"""A run whose states are damaged is resumed from an older one, or trained anew, and never recorded as failed."""

import shutil

import pytest

from tests.experiments.place import entry
from tests.experiments.saved_training import train, train_until_interrupted

pytestmark = pytest.mark.slow

LAST = "runs/1/model/last"


def empty(path):
    path.write_bytes(b"")


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-10])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


@pytest.fixture(scope="module")
def terminated(tmp_path_factory):
    """A directory with a terminated run; to be read only."""
    directory = tmp_path_factory.mktemp("terminated")
    train_until_interrupted(directory)
    return directory


@pytest.fixture
def directory(terminated, tmp_path):
    """A copy."""
    shutil.copytree(terminated, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("state-7.json", empty),
        ("state-7.json", flip_a_bit),
        ("model.ckpt-7.index", cut_off),
        ("model.ckpt-7.data-00000-of-00001", flip_a_bit),
    ],
)
def test_the_state_before_a_damaged_one_is_resumed(directory, capfd, name, damage):
    damage(directory / LAST / name)
    capfd.readouterr()
    status = train(directory, "with", "resume=1")
    out, err = capfd.readouterr()

    assert status == 0
    assert err.startswith(f"{LAST}/{name} is ")
    assert err.endswith("; resumes from the state of step 6, which is whole\n")
    assert err.count("\n") == 1
    assert "resumes at step 6" in out
    assert entry(directory / "runs" / "2")["status"] == "COMPLETED"


def test_a_run_without_a_whole_state_is_refused_with_the_command_that_trains_it_anew(directory, capfd):
    for path in (directory / LAST).glob("*.data-*"):
        empty(path)
    capfd.readouterr()
    status = train(directory, "with", "resume=1")
    out, err = capfd.readouterr()

    assert (status, out) == (1, "")
    assert err.startswith(
        f"parity: runs/1 cannot be resumed: {LAST}/model.ckpt-7.data-00000-of-00001 is empty;"
        f" {LAST}/model.ckpt-6.data-00000-of-00001 is empty; start it anew: "
    )
    assert err.endswith("parity.py with runs/1/config.json\n")
    assert [path.name for path in sorted((directory / "runs").glob("[0-9]*"))] == ["1"]
