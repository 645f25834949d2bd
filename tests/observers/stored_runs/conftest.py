"""Directories of runs that are made from the contents of their files."""

import json

import pytest


@pytest.fixture
def recorded(tmp_path):
    """Make the directory of a run; a content of None leaves the file out."""

    def make(name, **files):
        directory = tmp_path / "runs" / name
        directory.mkdir(parents=True)
        run = {"status": "COMPLETED", "uuid": f"uuid of {name}"}
        contents = {"run": json.dumps(run), "config": '{"seed": 1}', "info": '{"best_step": 20}', **files}
        for file, content in contents.items():
            if content is not None:
                (directory / f"{file}.json").write_text(content)
        (directory / "metrics.jsonl").touch()
        return directory

    return make
