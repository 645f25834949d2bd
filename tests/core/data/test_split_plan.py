import pytest

from core.data.split_plan import Interval
from tests.core.data.test_splits import make_plan


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data_size": 101}, r"data_size=101 does not fit: the range 0\.\.99 holds 100 numbers"),
        ({"min_number": 60, "data_size": 41}, r"data_size=41 does not fit: the range 60\.\.99 holds 40 numbers"),
        ({"validation_fraction": 0.001}, "leaves no number for validation"),
        ({"test_fraction": 0.0}, "leaves no number for test"),
        ({"test_fraction": 0.8}, "leaves no number for train"),
        ({"validation_fraction": 0.9, "test_fraction": 0.9}, "leaves no number for train"),
        ({"extrapolation_max": 99, "extrapolation_size": 1}, "extrapolation_max=99 is not larger than max_number=99"),
        ({"extrapolation_max": 1000, "extrapolation_size": 902}, "extrapolation_size=902 does not fit"),
    ],
)
def test_an_impossible_plan_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_plan(**changes)


def test_splits_follow_each_other_in_one_draw_and_extrapolation_has_another():
    plan = make_plan(extrapolation_max=9999, extrapolation_size=20)

    assert plan.intervals == {
        "train": Interval(0, 99, 0, 0, 35),
        "validation": Interval(0, 99, 0, 35, 45),
        "test": Interval(0, 99, 0, 45, 50),
        "extrapolation": Interval(100, 9999, 1, 0, 20),
    }
