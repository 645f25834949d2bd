"""Lines of journals for hypothesis: as a journal writes them, as others may write them, and damaged ones."""

import json

from hypothesis import strategies as st

NAMES = st.one_of(
    st.sampled_from(["train/loss", "test/accuracy"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
)
NUMBERS = st.one_of(
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.floats(1e-6, 1e-3),
    st.floats(1e14, 1e20),
)
VALUES = st.one_of(
    NUMBERS,
    st.sampled_from(["NaN", "Infinity", "-Infinity", "word", True, False, None, [1, "}{"], {"a": 0.5}]),
)
TIMES = st.one_of(
    st.datetimes().map(lambda time: time.isoformat()),
    st.sampled_from(
        ["2026-11-23T10:00:00.000000", "2026-13-23T10:00:00.000001", "2026-11-23T24:00:00.000001", "noon"]
    ),
)
LINES = st.builds(
    lambda name, step, value, time, separators, ascii_only: json.dumps(
        {"name": name, "step": step, "value": value, "timestamp": time},
        separators=separators,
        ensure_ascii=ascii_only,
    ).encode("utf-8", "surrogatepass"),
    NAMES,
    NUMBERS,
    VALUES,
    TIMES,
    st.sampled_from([(",", ":"), (",", ":"), (",", ":"), (", ", ": ")]),
    st.booleans(),
)
_PARTS = [
    b"",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"-",
    b"0",
    b"1",
    b".",
    b"e5",
    b"1e999",
]
_PARTS += [
    b"\xff",
    b"NaN",
    b"true",
    b'"name":"a"',
    b'{"name":',
    b'"}\n',
    b"99999999999999999999",
    b"1.50",
    b'"value":"NaN",',
]


@st.composite
def blocks(draw):
    """Draw lines, in which some bytes are replaced."""
    block = b"".join(line + b"\n" for line in draw(st.lists(LINES, max_size=12)))
    for _ in range(draw(st.integers(0, 3))):
        place, length = draw(st.integers(0, len(block))), draw(st.integers(0, 3))
        block = block[:place] + draw(st.sampled_from(_PARTS)) + block[place + length :]
    return block[: block.rfind(b"\n") + 1]
