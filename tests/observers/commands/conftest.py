"""The runs that the tests of the maintenance use."""

from tests.observers.maintenance.conftest import no_database, runs, three_runs

__all__ = ["no_database", "runs", "three_runs"]
