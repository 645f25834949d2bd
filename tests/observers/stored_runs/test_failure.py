import pytest

from observers.stored_runs.failure import failure_reason

TENSORFLOW_ERROR = """tensorflow.python.framework.errors_impl.ResourceExhaustedError: Graph execution error:

Detected at node 'gradients/lstm' defined at (most recent call last):
    File "core/encoder.py", line 60, in encode_word
Node: 'gradients/lstm'
OOM when allocating tensor with shape[768,8208]
\t [[{{node gradients/lstm}}]]

Original stack trace for 'gradients/lstm':
"""


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        (["Traceback", "  File 1", "ValueError: on purpose\n"], "ValueError: on purpose"),
        (["Traceback", "ValueError: on\npurpose\n"], "ValueError: on"),
        (["Traceback", TENSORFLOW_ERROR], "ResourceExhaustedError: OOM when allocating tensor with shape[768,8208]"),
        (["Node: '1'\n"], "Node: '1'"),
        ([], ""),
        (None, ""),
        ("text", ""),
    ],
)
def test_the_reason_of_a_failure_is_one_line(trace, reason):
    assert failure_reason(trace) == reason
