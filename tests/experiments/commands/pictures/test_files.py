"""Figures that are written to files."""

import pytest
from matplotlib import image, pyplot

from experiments.commands.pictures.files import drawing


def test_a_figure_has_its_size_and_is_closed(tmp_path):
    path = tmp_path / "pictures" / "a.png"
    with drawing(path, width=2, height=1, dpi=100) as figure:
        figure.add_subplot()

    assert image.imread(path).shape[:2] == (100, 200)
    assert not pyplot.get_fignums()


def test_nothing_is_written_if_drawing_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), drawing(tmp_path / "a.png", width=2, height=1):
        _ = 1 / 0

    assert not list(tmp_path.iterdir())
    assert not pyplot.get_fignums()
