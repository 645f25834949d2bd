"""The processors that a process may use, in files as Linux writes them."""

import os

import pytest

from experiments.pipeline.processors import THREADS, share_of_threads, usable_processors

V2 = "35 24 0:30 {root} {mount} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "34 25 0:29 {root} {mount} rw shared:14 - cgroup cgroup rw,cpu,cpuacct\n"


@pytest.fixture
def process(tmp_path, monkeypatch):
    """Write what Linux says of a process on 8 processors, and the limits of its control groups."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))

    def write(group, limits, mounts=V2, root="/", name="cgroup mount"):
        mount = tmp_path / name
        for place, text in limits.items():
            (mount / place).parent.mkdir(parents=True, exist_ok=True)
            (mount / place).write_text(text)
        (tmp_path / "cgroup").write_text(group)
        (tmp_path / "mountinfo").write_text(mounts.format(root=root, mount=str(mount).replace(" ", "\\040")))
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("limit", "count"),
    [
        ("100000 100000\n", 1),
        ("150000 100000\n", 2),
        ("20000 100000\n", 1),
        ("400000 100000\n", 4),
        ("6400000 100000\n", 8),
        ("max 100000\n", 8),
        ("broken\n", 8),
        ("0 0\n", 8),
    ],
)
def test_a_quota_of_a_container_counts_and_a_part_of_a_processor_is_one(process, limit, count):
    assert usable_processors(process("0::/\n", {"cpu.max": limit})) == count


def test_the_least_quota_of_nested_groups_counts(process):
    limits = {"a.slice/cpu.max": "200000 100000", "a.slice/b/cpu.max": "max 100000", "a.slice/b/c/cpu.max": "3 1"}

    assert usable_processors(process("0::/a.slice/b/c\n", limits)) == 2


def test_a_group_that_is_mounted_as_the_root_of_a_container_is_found(process):
    assert usable_processors(process("0::/docker/1\n", {"cpu.max": "2 1"}, root="/docker/1")) == 2
    assert usable_processors(process("0::/../other\n", {"cpu.max": "3 1"}, root="/docker/1")) == 3


@pytest.mark.parametrize(("quota", "count"), [("150000", 2), ("-1", 8)])
def test_a_quota_of_version_1_counts(process, quota, count):
    groups = "12:memory:/x\n3:cpu,cpuacct:/job\n"
    limits = {"job/cpu.cfs_quota_us": f"{quota}\n", "job/cpu.cfs_period_us": "100000\n"}

    assert usable_processors(process(groups, limits, V1)) == count


def test_without_control_groups_the_affinity_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 5, 7})

    assert usable_processors(tmp_path / "missing") == 3


def test_this_process_may_use_some_processor():
    assert 1 <= usable_processors() <= len(os.sched_getaffinity(0))


@pytest.mark.parametrize(("value", "threads"), [(None, 4), ("2", 2), ("8", 4), ("0", 1), ("many", 4)])
def test_a_run_that_shares_its_processors_has_its_share_of_threads(monkeypatch, value, threads):
    monkeypatch.delenv(THREADS, raising=False)
    if value is not None:
        monkeypatch.setenv(THREADS, value)

    assert share_of_threads(4) == threads
