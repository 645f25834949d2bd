"""Run directories that are made from the contents of their files."""

import json

import pytest


def write_run(runs, number, config=None, metrics=None, info=None, **entry):
    """Write a run, with metrics given by name: a value, or values by step."""
    directory = runs / str(number)
    directory.mkdir(parents=True, exist_ok=True)
    points = {name: each if isinstance(each, dict) else {9: each} for name, each in (metrics or {}).items()}
    columns = {
        name: {"steps": list(each), "values": list(each.values()), "timestamps": [""] * len(each)}
        for name, each in points.items()
    }
    run = {"status": "COMPLETED", "experiment": {"name": "parity"}, **entry}
    contents = {"run": run, "config": config or {}, "info": info or {}, "metrics": columns}
    for name, content in contents.items():
        (directory / f"{name}.json").write_text(json.dumps(content))
    (directory / "cout.txt").touch()
    return directory


@pytest.fixture
def runs(tmp_path):
    """Two runs of different hidden sizes."""
    for number, hidden in ((2, 16), (10, 32)):
        write_run(
            tmp_path,
            number,
            {"hidden": hidden, "seed": 1},
            {"train/loss": {1: 2.0, 2: 1.0}},
            {"best_step": 10 * number, "cpu_seconds": 1.25},
            result=0.5,
        )
    (tmp_path / "_sources").mkdir()
    return tmp_path


@pytest.fixture
def sweep(tmp_path):
    """Three sizes with six seeds each, of which 32 units are the best, and a run that failed."""
    number = 0
    for hidden, least in ((8, 0.5), (16, 0.9), (32, 0.92)):
        for seed in range(6):
            number += 1
            score = least + 0.01 * (seed + (hidden == 32) * (seed % 2))
            metrics = {
                "validation/accuracy": {0: 0.5, 10 * (seed + 1): score},
                "test/accuracy": score - 0.05,
                "test/loss": 1 - score,
            }
            write_run(
                tmp_path / "sweep",
                number,
                {"task": "parity", "hidden": hidden, "seed": seed},
                metrics,
                {"best_step": 10 * (seed + 1), "best_validation": score, "cpu_seconds": 2.0},
                start_time="2026-01-01T00:00:00.000100",
                stop_time=f"2026-01-01T00:0{seed}:01.500000",
                result=score - 0.05,
            )
    trace = ["Traceback", "ValueError: on purpose\n"]
    write_run(tmp_path / "sweep", 19, {"task": "parity", "hidden": 64, "seed": 0}, status="FAILED", fail_trace=trace)
    return tmp_path / "sweep"
