import subprocess
import sys

import pytest

from experiments.pipeline.tensorflow import tensorflow_build

COUNT = """
import gc
from experiments.pipeline.tensorflow import import_training
{before}
searches = []
gc.callbacks.append(lambda phase, info: searches.append(info["generation"]))
import_training()
print(len(searches), gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "printed"),
    [("", ["0", "True", "True"]), ("gc.disable()", ["0", "False", "False"])],
    ids=["as usual", "collected by the caller"],
)
def test_the_import_searches_for_no_garbage_and_leaves_the_collector_as_it_was(before, printed):
    code = COUNT.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == printed


def test_the_build_of_tensorflow_has_its_commit_and_its_compiler():
    assert "compiler" in (tensorflow_build() or "")
