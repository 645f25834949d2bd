"""What was measured so far, kept in a file after each measurement."""

import json
import threading
from datetime import date
from pathlib import Path
from typing import Any

Figures = dict[str, Any]


class Results:
    """The figures of all measurements by tracker and part, in the order in which they were taken."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier call has measured."""
        self._path = path
        self._lock = threading.Lock()
        self._figures: dict[str, dict[str, list[Figures]]] = json.loads(path.read_text()) if path.exists() else {}

    def add(self, tracker: str, part: str, figures: Figures) -> None:
        """Add one measurement with the date of today, and write the file."""
        with self._lock:
            self._figures.setdefault(tracker, {}).setdefault(part, []).append({**figures, "date": f"{date.today()}"})
            self._write()

    def of(self, tracker: str, part: str) -> list[Figures]:
        """Return the measurements of a tracker."""
        return self._figures.get(tracker, {}).get(part, [])

    def knows(self, tracker: str) -> bool:
        """Tell whether anything was measured of a tracker."""
        return bool(self._figures.get(tracker))

    def dates(self) -> list[str]:
        """Return the first and the last day of measuring, one if they are the same, none before."""
        dates = {figures["date"] for parts in self._figures.values() for part in parts.values() for figures in part}
        return sorted({min(dates), max(dates)}) if dates else []

    def forget(self, tracker: str) -> None:
        """Drop what was measured of a tracker."""
        self._figures.pop(tracker, None)
        self._write()

    def _write(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._figures, indent=1), encoding="utf-8")
        fresh.replace(self._path)
