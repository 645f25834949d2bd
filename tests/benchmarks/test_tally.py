"""The table of faults shows what is not as it must be."""

from tests.benchmarks.measuring.tally import Tally, Try, thin, try_all


def attempt(number):
    result = Try("whole", logged=8, kept=8, stored=number)
    result.expect(number == 8, f"{number} points in MongoDB")
    return result


def fail(number):
    raise ValueError(number)


def test_a_try_that_is_not_as_it_must_be_is_counted_and_described():
    tally = Tally("a fault", try_all(attempt, [(8,), (8,), (7,)]))

    assert tally.format() == "| a fault | 3 | 24, 24, 23 | 2 whole; 1 NOT AS IT MUST BE |"
    assert tally.problems == ["a fault: 7 points in MongoDB"]


def test_a_try_that_raises_is_a_problem_and_does_not_end_the_others():
    [problem] = Tally("a fault", try_all(fail, [(7,)])).problems

    assert "ValueError: 7" in problem


def test_a_part_of_the_tries_has_the_first_and_the_last():
    assert thin(range(100), 0.03) == [0, 49, 99]
    assert thin(range(3), 1.0) == [0, 1, 2]
