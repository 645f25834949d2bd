"""What YAML 1.1 reads as something else than a person means is refused, with what to write."""

import pytest

from experiments.configs.files import read_config_file
from experiments.pipeline.errors import UserError


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
        return read_config_file(str(tmp_path / "a.yaml"))

    return read_text


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("learning_rate: 1e-3", "learning_rate: YAML reads 1e-3 as text; write 1.0e-3"),
        ("learning_rate: 1E3", "learning_rate: YAML reads 1E3 as text; write 1.0e+3"),
        ("learning_rate: 1.5e2", "learning_rate: YAML reads 1.5e2 as text; write 1.5e+2"),
        ("learning_rate: .5e3", "learning_rate: YAML reads .5e3 as text; write 0.5e+3"),
        ("learning_rate: -1e-3", "learning_rate: YAML reads -1e-3 as text; write -1.0e-3"),
        ("max_steps: 1e4", "max_steps: YAML reads 1e4 as text; write 10000"),
        ("max_number: 1_0E1", "max_number: YAML reads 1_0E1 as text; write 100"),
        ("max_steps: 1e-4", "max_steps: YAML reads 1e-4 as text; write 1.0e-4"),
        ("max_steps: 1e999999999", "max_steps: YAML reads 1e999999999 as text; write 1.0e+999999999"),
        ("hidden: 0o10", "hidden: YAML reads 0o10 as text; write 8"),
        ("hidden: 010", "hidden: YAML reads 010 as the octal number 8; write 10 or 8"),
        ("hidden: 007", "hidden: YAML reads 007 as the octal number 7; write 7"),
        ("hidden: 08", "hidden: YAML reads 08 as text; write 8"),
        ("max_steps: 12:30", "max_steps: YAML reads 12:30 as 750, to the base 60; write 750, or text in quotes"),
        ("language: no", 'language: YAML reads no as the value False; write "no", in quotes, for text'),
        ("language: on", 'language: YAML reads on as the value True; write "on", in quotes, for text'),
        ("language: ~", 'language: YAML reads ~ as None; write "~", in quotes, for text'),
        ("language:", 'language: YAML reads an empty value as None; write "", in quotes, for text'),
        ("head: 1", 'head: YAML reads 1 as the value 1; write "1", in quotes, for text'),
        ("head: 2026-01-02", 'head: YAML reads 2026-01-02 as the date 2026-01-02; write "2026-01-02"'),
        ("hidden: ~", "hidden: YAML reads ~ as None; write a whole number from 1 to 4096"),
        ("hidden: yes", "hidden: YAML reads yes as the value True; write a whole number from"),
        ("hidden: 2026-01-02", "hidden: YAML reads 2026-01-02 as the date 2026-01-02; write a whole number"),
        ("words: 1e3", "words: YAML reads 1e3 as text; write 1.0e+3"),
        ("run: 010", "run: YAML reads 010 as the octal number 8; write 10 or 8"),
    ],
)
def test_a_value_that_yaml_reads_otherwise_is_refused_with_what_to_write(read, line, advice):
    with pytest.raises(UserError) as refused:
        read(line)

    assert advice in str(refused.value)


@pytest.mark.parametrize(
    ("line", "content"),
    [
        ("learning_rate: 1.0e-3", {"learning_rate": 0.001}),
        ("learning_rate: .5", {"learning_rate": 0.5}),
        ("max_steps: 1_000", {"max_steps": 1000}),
        ("hidden: 0x10", {"hidden": 16}),
        ("seed: 0", {"seed": 0}),
        ("memory: ~", {"memory": None}),
        ("memory:", {"memory": None}),
        ("log_loss: yes", {"log_loss": True}),
        ('language: "no"', {"language": "no"}),
        ("language: 'no'", {"language": "no"}),
        ("language: de", {"language": "de"}),
    ],
)
def test_a_value_that_yaml_reads_as_it_is_meant_is_taken(read, line, content):
    assert read(line) == content
