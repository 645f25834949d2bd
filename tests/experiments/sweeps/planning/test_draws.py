"""Draws as plain data: what they draw, and how they describe it."""

import pickle

import pytest

from experiments.sweeps.planning.draws import Choice, Interval


@pytest.mark.parametrize(
    ("draw", "drawn"),
    [
        (Interval(8, 64, logarithmic=False, whole=True), [8, 36, 64]),
        (Interval(1, 16, logarithmic=True, whole=True), [1, 4, 16]),
        (Interval(0.0, 1.0, logarithmic=False, whole=False), [0.0, 0.5, 1.0]),
        (Interval(1e-4, 1e-2, logarithmic=True, whole=False), [1e-4, 1e-3, 0.01]),
        (Choice(("a", "b", "c")), ["a", "b", "c"]),
    ],
)
def test_a_draw_maps_uniform_numbers_to_values(draw, drawn):
    assert [draw(number) for number in (0.0, 0.5, 0.99999)] == drawn


def test_a_number_is_rounded_to_four_digits_within_the_bounds():
    draw = Interval(0.12345, 0.98765, logarithmic=False, whole=False)

    assert [draw.rounded(number) for number in (0.5432123, 0.12346, 0.9876499)] == [0.5432, 0.1235, 0.9876]
    assert draw.rounded(0.12341) == 0.12345


def test_a_draw_says_where_it_draws():
    assert str(Interval(8, 64, logarithmic=False, whole=True)) == "whole numbers from 8 to 64"
    assert str(Interval(1e-4, 0.1, logarithmic=True, whole=False)) == "from 0.0001 to 0.1, on a logarithmic scale"
    assert str(Choice((8, "nac"))) == "one of 8, nac"


def test_draws_can_be_sent_to_another_process():
    draws = [Interval(8, 64, logarithmic=True, whole=True), Choice((1, 2))]

    assert pickle.loads(pickle.dumps(draws)) == draws
