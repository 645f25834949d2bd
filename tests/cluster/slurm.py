"""A Slurm with one node on loopback, for the tests.

It needs the programs of Debian's slurm-wlm and munge, and nothing else: no systemd, no control groups, no configured
host. It runs as the user of the tests, and all its files are in one directory.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from getpass import getuser
from pathlib import Path

from tests.leftovers import kill_at_end, kill_processes

ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT")
"""States of a job."""

_PROGRAMS = ("munged", "mungekey", "slurmctld", "slurmd")
_PATH = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}:/usr/sbin"  # Debian's place for servers
_NOT_INHERITED = ("SLURM", "SBATCH", "MONGO_URL")  # prefixes of environment variables
_START_TIMEOUT = 60.0  # seconds
_CONFIG = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={directory}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/spool
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
ReturnToService=2
OverTimeLimit=0
KillWait=20
NodeName={host} NodeAddr=127.0.0.1 CPUs={processors} RealMemory=1000000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
"""A requeued job starts when credentials have expired, by default after two minutes. CR_CPU does not count memory."""


@dataclass(frozen=True)
class Slurm:
    """A running Slurm.

    Attributes:
        environment: for its commands, whose jobs inherit it; jobs find the Python of the tests first.
    """

    environment: Mapping[str, str]

    def run(self, *command: str, directory: Path | None = None, **environment: str) -> str:
        """Run a command, such as `squeue`, and return what it prints.

        Args:
            command: with its arguments.
            directory: where to run it.
            environment: further variables, which a job inherits.

        Raises:
            RuntimeError: if it fails; the message is what it says.
        """
        done = subprocess.run(
            command,
            cwd=directory,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def submit(self, *arguments: str | Path, directory: Path, **environment: str) -> str:
        """Submit a job with sbatch, and return its id."""
        return self.run("sbatch", "--parsable", *map(str, arguments), directory=directory, **environment).strip()

    def states(self, job: str) -> dict[str, str]:
        """Return the state of a job, or of each task of an array: {"7_0": "RUNNING", "7_1": "PENDING"}."""
        lines = self.run("squeue", "--array", "--noheader", "--states=all", f"--jobs={job}", "--format=%i %T")
        return dict(line.split() for line in lines.splitlines())

    def running_time(self, job: str) -> float:
        """Return for how many seconds a job has run since its last start."""
        start = self.run("squeue", "--noheader", f"--jobs={job}", "--format=%S").strip()
        return (datetime.now() - datetime.fromisoformat(start)).total_seconds()

    def await_state(self, job: str, *states: str, timeout: float = 300.0) -> dict[str, str]:
        """Wait until a job, or each task of an array, is in one of some states; return the states.

        Raises:
            TimeoutError: if it does not come to that.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = self.states(job)
            if found and set(found.values()) <= set(states):
                return found
            time.sleep(0.2)
        raise TimeoutError(f"job {job} is not {' or '.join(states)}, but {found}")


def missing_programs() -> list[str]:
    """Return the programs that are not installed."""
    return [program for program in _PROGRAMS if shutil.which(program, path=_PATH) is None]


@contextmanager
def running_slurm(directory: Path, processors: int = 2) -> Iterator[Slurm]:
    """Start Slurm, and end it with all its jobs after the block; they also end if this process is killed.

    Args:
        directory: an empty directory, with a path of at most 80 characters because of the sockets in it.
        processors: that the node claims to have, and gives to jobs.
    """
    config = _configure(directory, processors)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    slurm = Slurm({**inherited, "PATH": _PATH, "SLURM_CONF": str(config)})
    servers = (
        ("munged", "--foreground", "--force", *_munge_options(directory)),
        ("slurmctld", "-D", "-c"),
        ("slurmd", "-D"),
    )
    kill_at_end("SLURM_CONF", str(config))  # slurmstepd inherits no other variable
    started: list[subprocess.Popen] = []
    try:
        for command in servers:
            started.append(_start(command, directory, slurm))
            if command[0] == "munged":
                _await(started, directory, (directory / "munge.socket").exists)
        _await(started, directory, lambda: _is_idle(slurm))
        yield slurm
    finally:
        for server in reversed(started):
            server.kill()
            server.wait()
        kill_processes("SLURM_CONF", str(config))  # the jobs, whose servers are gone


def _configure(directory: Path, processors: int) -> Path:
    """Write the config and a key, and return the path of the config."""
    for name in ("state", "spool"):
        (directory / name).mkdir()
    subprocess.run(
        ["mungekey", "--create", f"--keyfile={directory / 'munge.key'}"], env={"PATH": _PATH}, check=True, timeout=60
    )
    with socket.socket() as controller, socket.socket() as node:
        for free in (controller, node):
            free.bind(("127.0.0.1", 0))
        ports = {"controller_port": controller.getsockname()[1], "node_port": node.getsockname()[1]}
    host = socket.gethostname().partition(".")[0]
    config = directory / "slurm.conf"
    config.write_text(_CONFIG.format(directory=directory, host=host, user=getuser(), processors=processors, **ports))
    return config


def _munge_options(directory: Path) -> list[str]:
    names = {"socket": "socket", "key-file": "key", "pid-file": "pid", "seed-file": "seed", "log-file": "log"}
    return [f"--{option}={directory}/munge.{name}" for option, name in names.items()]


def _start(command: tuple[str, ...], directory: Path, slurm: Slurm) -> subprocess.Popen:
    """Start a server; its output is beside its files."""
    with (directory / f"{command[0]}.log").open("wb") as log:
        return subprocess.Popen(
            command,
            env=slurm.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _await(started: Sequence[subprocess.Popen], directory: Path, is_ready: Callable[[], bool]) -> None:
    """Wait for servers to be ready.

    Raises:
        RuntimeError: if one has ended or it takes too long; the message has what they printed last.
    """
    deadline = time.monotonic() + _START_TIMEOUT
    while not is_ready():
        if time.monotonic() > deadline or any(server.poll() is not None for server in started):
            logs = [f"{log.name}: {log.read_text(errors='replace')[-1000:]}" for log in directory.glob("*.log")]
            raise RuntimeError("\n".join(["Slurm does not start", *logs]))
        time.sleep(0.1)


def _is_idle(slurm: Slurm) -> bool:
    """Return whether the node can take jobs."""
    try:
        return slurm.run("sinfo", "--noheader", "--format=%T").strip() == "idle"
    except RuntimeError:  # the controller does not answer yet
        return False
