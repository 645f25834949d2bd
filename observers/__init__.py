"""Records Sacred runs in a directory, and delivers them into MongoDB; independent of the rest of this project.

`record` is all that a Sacred project needs:

    from observers import record

    record(experiment, "runs")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from observers.directory.observer import RecordError
    from observers.recorder import record

__all__ = ["RecordError", "record"]


def __getattr__(name: str) -> Any:
    """Import a name when it is asked for: some modules of this package need neither Sacred nor pymongo."""
    if name in __all__:
        from observers import recorder

        return getattr(recorder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
