"""Runs that are recorded on disk, to be delivered."""

import pytest


@pytest.fixture
def recorded(tmp_path, run_recorded):
    """Record a run that logs points, prints a text and has artifacts; return its directory."""

    def record(points=0, text="", artifacts=()):
        def body(run):
            for step in range(points):
                run.log_scalar("train/speed", step / 7, step)
            print(text)
            for name, content in artifacts:
                source = tmp_path / "source"
                source.write_bytes(content)
                run.add_artifact(source, name)

        run_recorded(tmp_path / "runs", body=body, copy_output=True)
        return max((tmp_path / "runs").glob("[0-9]*"))

    return record
