import os
from pathlib import Path

import pytest

from observers.system.untrusted.descriptors import UnsafeFileError, open_descriptor, parts_of, shown


def test_a_file_is_opened_with_its_size(tmp_path):
    (tmp_path / "model").mkdir()
    for name in ("metrics.jsonl", "model/größe 1"):
        (tmp_path / name).write_text("12345")
        descriptor, size = open_descriptor(tmp_path, name)
        os.close(descriptor)
        assert size == 5


@pytest.mark.parametrize("name", [".", "..", "...", "a..b", ".hidden", "a/b", Path("a/b"), "a b"])
def test_the_parts_of_a_name_are_those_of_its_path(name):
    if name in (".", ".."):
        with pytest.raises(UnsafeFileError):
            parts_of(name)
    else:
        assert parts_of(name) == Path(name).parts


def test_a_foreign_name_is_shown_without_control_characters():
    assert shown("model/x") == "model/x"
    assert shown("\x1b[2J\n") == r"'\x1b[2J\n'"
    assert len(shown("x" * 10_000)) == 200
