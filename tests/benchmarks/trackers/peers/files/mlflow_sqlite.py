"""MLflow's default, a SQLite database."""

from functools import partial

from tests.benchmarks.trackers.peers.files import mlflow_stores as stores

READER = stores.READER
_URI = "sqlite:///mlflow.db"

record = partial(stores.record, _URI)
make_runs = partial(stores.make_runs, _URI)
count = partial(stores.count, _URI)
table = partial(stores.table, _URI)
curve = partial(stores.curve, _URI)
