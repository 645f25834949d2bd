"""The options of a search: what does not fit together is refused in one line."""

import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.options import read_command_line
from experiments.sweeps.trials.options import SearchOptions

DRAWN = ("number", "hidden~uniform(8,64)", "--runs", "5")


@pytest.mark.parametrize(
    ("options", "search"),
    [
        ((), None),
        (("--search", "tpe"), SearchOptions("tpe", "median")),
        (("--search", "random", "--prune", "none"), SearchOptions("random", "none")),
        (("--search", "tpe", "--prune", "halving"), SearchOptions("tpe", "halving")),
    ],
)
def test_a_search_is_read(options, search):
    assert read_command_line([*DRAWN, *options]).search == search


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*DRAWN, "--search", "grid"), "argument --search: invalid choice: 'grid' (choose from 'tpe', 'random')"),
        (
            (*DRAWN, "--search", "tpe", "--prune", "all"),
            "invalid choice: 'all' (choose from 'median', 'halving', 'none')",
        ),
        ((*DRAWN, "--prune", "median"), "--prune median is for a search: add --search tpe"),
        (("number", "hidden=8,16", "--search", "tpe"), "--search tpe needs draws, and nothing is drawn"),
        (("number", "hidden=8", "--search", "tpe", "--runs", "5"), "--runs 5 is for draws, and nothing is drawn"),
        ((*DRAWN[:2], "--search", "tpe"), "hidden is drawn: set the number of draws with --runs NUMBER"),
        ((*DRAWN, "task~choice(parity,number)", "--search", "tpe"), "task is drawn"),
        ((*DRAWN, "--search", "tpe", "--part", "0/2"), "part 0/2 is one of a grid"),
        ((*DRAWN, "--search", "tpe", "--again"), "--again repeats runs, which a search does not"),
    ],
)
def test_what_is_no_search_is_refused_in_one_line(arguments, message):
    with pytest.raises(UserError) as refusal:
        read_command_line(list(arguments))

    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
