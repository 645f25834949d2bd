import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from observers.directory.journal import Journal
from observers.directory.journal_reader import read_points
from observers.directory.lookup import journal_lookup
from observers.directory.lookup.journal_lookup import last_values, read_metric, read_metrics

TIME = "2026-11-27T00:00:00.5"
NAMES = ("a", "b", "train/loss", "name", "größe", 'quo"ted', "back\\slash", "")


def line(name="a", step=1, value: object = 0.5, time=TIME, **style):
    content = {"name": name, "step": step, "value": value, "timestamp": time}
    return json.dumps(content, **{"separators": (",", ":"), **style})


def without(item):
    return json.dumps({key: value for key, value in json.loads(line()).items() if key != item}, separators=(",", ":"))


RAW = (
    *(without(item) for item in ("name", "step", "value", "timestamp")),
    *(
        "",
        " ",
        "{",
        "[]",
        "null",
        "{}",
        '"name"',
        "\\",
        "\x00",
        '{"name":"',
        '{"name":"a',
        '{"name":"a"',
        '{"name":"a"}',
    ),
    *(line() + end for end in (" ", "\r", ",", "," + line(name="b"), line(name="b"), "\t")),
    *(line()[:cut] + line(name="b") for cut in (0, 9, 12, 30)),
    *(
        " " + line(),
        line(separators=(", ", ": ")),
        line().replace('"a"', r'"\u0061"'),
        line(name="größe", ensure_ascii=False),
    ),
    *(
        line().replace('"value":0.5', f'"value":{value}')
        for value in ("NaN", "-Infinity", "1e400", "1" * 400, "-0", "01")
    ),
    *(
        line().replace('"step":1', f'"step":{step}')
        for step in ("NaN", "1e400", "-1" + "0" * 25, "true", "null", '"1"')
    ),
    *(  # type: ignore[var-annotated]
        line(value=value)
        for value in ("\ud800", {"name": "b"}, {"a": [1]}, ["x\ny"], [[[]]], '{"name":"b"', '"name"', "a\\b")
    ),
    line().replace('"value":0.5', '"value":' + "[" * 5000 + "]" * 5000),
    line()[:-1] + ',"name":"b"}',
    line()[:-1] + r',"n\u0061me":"b"}',
    line()[:-1] + ',"more":1}',
    '{"step":1,"name":"a","value":2,"timestamp":"' + TIME + '"}',
    '{"name":"a","value":[{"x":1}',
    '{"name":"b","step":1}],"step":2,"timestamp":"' + TIME + '"}',
    '{"y":1}],"step":2,"timestamp":"' + TIME + '"}',
    *(line(name=name) for name in (7, None, ["a"], "\ud800")),
    *(line(time=time) for time in ("", "yesterday", "2026-11-27", None, 7)),
)

values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**70), 2**70),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "text", None, True, 0.1, 1e300, 2**63, -(2**63) - 1]),
)
usual = st.builds(line, st.sampled_from(NAMES), st.integers(-3, 10**6), values)
lines = st.one_of(usual, usual, usual, st.sampled_from(RAW))
corrupt = st.one_of(lines.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=20))


def slowly(journal):
    columns: dict[str, tuple[list[float], list[object]]] = {}
    for name, step, value, _ in read_points(journal):
        steps, values = columns.setdefault(name, ([], []))
        steps.append(step)
        values.append(value)
    return columns


def check(journal):
    """Compare each lookup with the reading of all points; repr tells 1 from 1.0 and True, and NaN equals itself."""
    expected = slowly(journal)
    last = repr({name: values[-1] for name, (_, values) in sorted(expected.items())})
    for many in (0, 100):  # names whose last lines are found in one search
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal_lookup, "_MANY", many)
            assert repr(dict(sorted(last_values(journal).items()))) == last
    assert repr(read_metrics(journal)) == repr(expected)
    for name in {*NAMES, *expected, "\ud800"}:
        assert repr(read_metric(journal, name)) == repr(expected.get(name))


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    return tmp_path_factory.mktemp("run") / "metrics.jsonl"


@settings(max_examples=300, deadline=None)
@given(content=st.lists(usual, max_size=30), tail=st.sampled_from(["", "\n", "{", '{"name":"a"', line()]))
def test_lookups_agree_with_all_points_on_what_journal_writes(journal, content, tail):
    journal.write_text("".join(f"{each}\n" for each in content) + tail)
    check(journal)


@settings(max_examples=500, deadline=None)
@given(content=st.lists(corrupt, max_size=12), tail=st.sampled_from([b"", b"\n", b'{"name":"a"']))
@example(content=[raw.encode("utf-8", "surrogatepass") for raw in RAW], tail=b"")
@example(content=[line().encode(), line(name="b").encode(), line(time="never").encode()], tail=b"")
def test_lookups_agree_with_all_points_on_any_lines(journal, content, tail):
    journal.write_bytes(b"\n".join(content) + tail)
    check(journal)


@pytest.mark.parametrize("raw", RAW)
def test_lookups_agree_with_all_points_beside_any_line(journal, raw):
    lines = [line(), line(name="b"), raw, line(value=0.25), line(name="c")]
    journal.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8", errors="surrogatepass")
    check(journal)


@settings(max_examples=50, deadline=None)
@given(content=st.lists(corrupt, max_size=12))
def test_a_long_journal_is_searched_in_parts(journal, content):
    """Parts of 100 bytes: some hold a line, others none."""
    journal.write_bytes(b"\n".join(content) + b"\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_lookup, "_PART", 100)
        check(journal)


def test_what_a_journal_writes_is_not_read_line_by_line(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "metrics.jsonl")
    journal.append("test/größe", 0.5, 0)
    for step, value in enumerate((0.5, float("nan"), 1, None, "text", True)):
        journal.append("train/loss", value, step)
    journal.close()
    monkeypatch.setattr(journal_lookup, "read_points", None)

    assert last_values(journal.file.path) == {"test/größe": 0.5, "train/loss": True}
    assert read_metric(journal.file.path, "test/größe") == ([0], [0.5])
    assert list(read_metrics(journal.file.path)) == ["test/größe", "train/loss"]


def test_a_missing_journal_is_an_error(tmp_path):
    for lookup in (last_values, read_metrics, lambda path: read_metric(path, "a")):
        with pytest.raises(FileNotFoundError):
            lookup(tmp_path / "metrics.jsonl")


@pytest.mark.slow
def test_the_last_values_take_a_fraction_of_the_time_of_all_points(tmp_path):
    journal = tmp_path / "metrics.jsonl"
    journal.write_text("".join(f"{line(f'metric/{number % 20}', number)}\n" for number in range(100_000)))

    def seconds(function):
        start = time.process_time()
        function()
        return time.process_time() - start

    fast = min(seconds(lambda: last_values(journal)) for _ in range(3))
    assert fast < 0.5 * seconds(lambda: list(read_points(journal)))
