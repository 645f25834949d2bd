"""MLflow's older store of files."""

from functools import partial

from tests.benchmarks.trackers.peers.files import mlflow_stores as stores

READER = stores.READER
_URI = "file:./mlruns"

record = partial(stores.record, _URI)
make_runs = partial(stores.make_runs, _URI)
count = partial(stores.count, _URI)
table = partial(stores.table, _URI)
curve = partial(stores.curve, _URI)
