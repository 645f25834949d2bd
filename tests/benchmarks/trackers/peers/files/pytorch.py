"""PyTorch's SummaryWriter, read with TensorBoard."""

from tests.benchmarks.trackers.inside.work import Work
from tests.benchmarks.trackers.peers.files import event_files

READER, count, table, curve = event_files.READER, event_files.count, event_files.table, event_files.curve


def record(work: Work) -> None:
    """Write a run into runs/."""
    from torch.utils.tensorboard import SummaryWriter

    event_files.write_points(SummaryWriter(), work)


def make_runs(runs: int, work: Work) -> None:
    """Write one run, and copy it."""
    record(work)
    event_files.copy_runs(runs)
