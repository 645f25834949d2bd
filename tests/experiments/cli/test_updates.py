"""NAME=VALUE on a command line."""

import pytest

from experiments.cli.updates import read_updates, write_update


@pytest.mark.parametrize(
    ("word", "updates"),
    [
        ("hidden=64", {"hidden": 64}),
        (" hidden = 64", {"hidden": 64}),
        ("words=elf,zwanzig", {"words": "elf,zwanzig"}),
        ("words=1,2", {"words": [1, 2]}),
        ("resume=3", {"resume": 3}),
        ("memory=None", {"memory": None}),
        ("dry_run=True", {"dry_run": True}),
        ("a.b=0.5", {"a": {"b": 0.5}}),
        ("word=a=b", {"word": "a=b"}),
        ("word={1, 2}", {"word": "{1, 2}"}),
        ("word=" + "(" * 10_000, {"word": "(" * 10_000}),
        ("word=" + "9" * 10_000, {"word": "9" * 10_000}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_value_is_a_literal_or_text(word, updates):
    assert read_updates([word]) == (updates, [])


def test_other_words_are_named_configs():
    assert read_updates(["fast", "", "seed=1", "runs/1/config.json"]) == ({"seed": 1}, ["fast", "runs/1/config.json"])


def test_what_jsonpickle_would_execute_is_data(tmp_path):
    mark = tmp_path / "mark"
    payload = {"py/reduce": [{"py/function": "os.mkdir"}, {"py/tuple": [str(mark)]}]}

    assert read_updates([f"hidden={payload}"]) == ({"hidden": payload}, [])
    assert not mark.exists()


@pytest.mark.parametrize("word", ["runs/lr=0.01/1/config.json", "./lr=0.01/1/config.json", "lr=0.01/1/config.json"])
def test_the_path_of_a_config_file_may_have_an_equals_sign(tmp_path, monkeypatch, word):
    monkeypatch.chdir(tmp_path)
    (tmp_path / word).parent.mkdir(parents=True)
    (tmp_path / word).write_text("{}")

    assert read_updates([word]) == ({}, [word])


@pytest.mark.parametrize("value", [1, 0.5, None, True, "de", "1", "None", " a ", "a=b", "it's", [1, "a"], "1e-3"])
def test_a_written_value_is_read_as_it_was(value):
    assert read_updates([write_update("a", value)]) == ({"a": value}, [])
