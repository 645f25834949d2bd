"""Submits the jobs of a cluster, and says why a batch system refuses them."""

import re
import time
from contextlib import suppress

from distributed.core import Status
from distributed.deploy.spec import SpecCluster

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster.errors import ClusterError

_REFILL_PAUSE = 10.0  # seconds between two looks for jobs that have ended
_PATIENCE = 300.0  # seconds without a job, as while a batch system starts anew
_SHOWN = 3  # jobs in a message
_FAILED = re.compile(r"Exit code: (?P<status>-?\d+)\n.*?\nstdout:\n(?P<out>.*)\nstderr:\n(?P<err>.*)", re.DOTALL)


class Jobs:
    """Submits the jobs of a cluster, each with a worker."""

    def __init__(self, name: str, cluster: SpecCluster) -> None:
        """Submit nothing yet.

        Args:
            name: of the cluster on the command line.
            cluster: has no worker.
        """
        self._name = name
        self._cluster = cluster
        self._refill_at = 0.0
        self._refused_since: float | None = None

    def start(self, jobs: int) -> None:
        """Submit jobs, the first one alone.

        Raises:
            UserError: if the batch system refuses that one. It may refuse others, since there are too many.
        """
        self._submit_some(1)
        with suppress(UserError):
            self._submit_some(jobs - 1)
        for name in self._cluster.worker_spec.keys() - self._cluster.workers.keys():
            del self._cluster.worker_spec[name]

    def refill(self) -> None:
        """Submit jobs in the place of those that have ended, now and then.

        Raises:
            ClusterError: if no job is left, and the batch system has refused others for minutes.
        """
        now = time.monotonic()
        if now < self._refill_at:
            return
        self._refill_at = now + _REFILL_PAUSE
        try:
            self._cluster.sync(self._submit)
            self._refused_since = None
        except UserError as error:
            self._refused_since = self._refused_since or now
            if not self._cluster.workers and now - self._refused_since > _PATIENCE:
                raise ClusterError(f"{error}; the same command goes on") from error

    def describe(self) -> str:
        """Say where to look at the jobs that have no worker yet."""
        ids = [str(job_id) for job in self._cluster.workers.values() if (job_id := getattr(job, "job_id", None))]
        shown = f"{', '.join(ids[:_SHOWN])}{', ...' * (len(ids) > _SHOWN)}"
        directory = getattr(getattr(self._cluster, "_dummy_job", None), "log_directory", None)
        place = directory or "the working directory, unless an option says otherwise"
        if len(ids) == 1:
            return f"see whether job {shown} waits in the queue, or has ended; what it prints is in {place}"
        return f"see whether jobs {shown} wait in the queue, or have ended; what they print is in {place}"

    def _submit_some(self, jobs: int) -> None:
        for _ in range(jobs):
            self._cluster.worker_spec.update(self._cluster.new_worker_spec())
        self._cluster.sync(self._submit)

    async def _submit(self) -> None:
        """Submit the jobs that are missing; those that are refused are still missing."""
        try:
            await self._cluster._correct_state()
        except Exception as error:  # of any batch system
            raise UserError(f"--cluster {self._name}: {_refusal(self._cluster, error)}") from error
        finally:
            for name, job in list(self._cluster.workers.items()):
                if job.status == Status.created:
                    del self._cluster.workers[name]


def _refusal(cluster: SpecCluster, error: Exception) -> str:
    """Tell in a line why a cluster has not started a job."""
    command = (getattr(getattr(cluster, "job_cls", None), "submit_command", None) or "").partition(" ")[0]
    if not command:
        return f"no worker starts: {_in_a_line(str(error)) or repr(error)}"
    _, is_answer, answer = str(error).partition("Submission command output is:\n")
    if is_answer:
        return f"{command} names no job: it prints {answer.strip()!r}"
    said = _FAILED.search(str(error))  # the error of a command, with what it prints
    if said is None:
        return f"{command} does not run: {_in_a_line(str(error)) or repr(error)}"
    lines = (said["err"].strip() or said["out"].strip() or f"exit status {said['status']}").splitlines()
    return f"{command} refuses the job: " + _in_a_line(
        "\n".join(line.removeprefix(f"{command}: ").removeprefix("error: ") for line in lines)
    )


def _in_a_line(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
