"""Measures how long the parts of a run take."""

import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager


@contextmanager
def timed(phase: str, seconds: MutableMapping[str, float]) -> Iterator[None]:
    """Write the wall time of the block into seconds[phase], in seconds to the millisecond."""
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds[phase] = round(time.perf_counter() - start, 3)
