import io

import pytest

from observers.directory.lines.spool import Spool, SpooledText


@pytest.mark.parametrize("count", [0, 1, 100, 100_000])
def test_texts_of_any_number_come_back_in_their_order(tmp_path, count):
    spool = Spool(tmp_path)
    numbers, squares = SpooledText(spool), SpooledText(spool)
    for number in range(count):
        numbers.add(b"%d" % number)
        squares.add(b"%d" % number**2)

    for text, power in ((numbers, 1), (squares, 2)):
        file = io.BytesIO()
        text.write_to(file)
        assert file.getvalue() == b",".join(b"%d" % number**power for number in range(count))
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_can_be_continued(tmp_path):
    text = SpooledText(Spool(tmp_path))
    for _ in range(2):
        text.add(b"x" * 100_000)
        text.add(b"y")
        text.write_to(file := io.BytesIO())

    assert file.getvalue() == b",".join([b"x" * 100_000, b"y"] * 2)


def test_a_full_disk_is_an_error(small_disk):
    text = SpooledText(Spool(small_disk("64k")))
    with pytest.raises(OSError, match="No space left"):
        text.add(b"x" * 100_000)
