"""The command export."""

import numpy as np
import pytest
import tensorflow as tf


@pytest.mark.slow
def test_a_run_is_exported_again(own_runs, run_in_process):
    export = own_runs.directory / "runs" / "1" / "model" / "export" / "1"
    before = answers(export)
    (export / "saved_model.pb").unlink()
    done = run_in_process(own_runs, "export", "with", "run=1")

    assert (done.returncode, done.stdout) == (0, "exported to runs/1/model/export/1\n")
    assert "export.zip" in own_runs.read("runs/1/run.json")["artifacts"]
    assert [path.name for path in export.parent.iterdir()] == ["1"]
    assert np.array_equal(answers(export), before)


def answers(directory):
    model = tf.saved_model.load(str(directory))
    return model.signatures["serving_default"](words=tf.constant(["elf", "zwanzig"]))["probability"].numpy()


@pytest.mark.parametrize("arguments", [[], ["with", "run=1"]])
def test_a_missing_run_is_refused(place, run_in_process, arguments):
    done = run_in_process(place, "export", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert "(nothing is recorded there)" in done.stderr
