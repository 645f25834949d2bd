"""Values of the options of a cluster."""

import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster.systems.values import check_values


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cores": "four"}, "cores=four in --cluster-options is not a whole number from 1 to 100000"),
        ({"n_workers": -1}, "n_workers=-1 in --cluster-options is not a whole number"),
        ({"processes": True}, "processes=True"),
        ({"processes": 2, "cores": 1}, "processes=2 in --cluster-options is more than cores=1"),
        ({"memory": "lots"}, "memory=lots in --cluster-options is not a number of bytes above 0, such as 4GB"),
        ({"memory": -1}, "memory=-1"),
        ({"memory": ["1GB"]}, "memory="),
        ({"nanny": "no"}, "nanny=no in --cluster-options is not true or false"),
        ({"worker_extra_args": "--x"}, r"--x in --cluster-options is not a list: write worker_extra_args=\[--x\]"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_what_is_allowed(options, message):
    with pytest.raises(UserError, match=message):
        check_values(options)


def test_other_values_pass():
    check_values({"cores": 4, "memory": "4GB", "nanny": False, "queue": "main", "memory_limit": "auto"})
    check_values({"memory_limit": 0})  # no limit
