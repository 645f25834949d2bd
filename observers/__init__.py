"""Records Sacred runs in a directory, and delivers them into MongoDB; independent of the rest of this project.

`record` is all that a Sacred project needs:

    from observers import record

    record(experiment, "runs")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from observers.recorder import record

__all__ = ["record"]


def __getattr__(name: str) -> Any:
    """Import `record` when it is asked for: other modules of this package need neither Sacred nor pymongo."""
    if name == "record":
        from observers.recorder import record

        return record
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
