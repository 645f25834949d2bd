"""The order of what happens between the steps of a training."""

import tensorflow as tf

from core.training.hooks.checkpoints import BestCheckpoint, LastCheckpoint
from tests.core.small_training import train_small


def test_measures_validation_checkpoints_and_signals_follow_each_step_in_this_order(tmp_path, monkeypatch):
    events: list = []

    class Logged(list):
        def append(self, point):
            name, _, step = point
            if name in ("train/loss", "validation/loss"):
                events.append((name, step))

    def note(cls, method, what):
        original = getattr(cls, method)

        def noted(self, *arguments):
            before = getattr(self, "_saved_step", None)
            original(self, *arguments)
            if getattr(self, "_saved_step", None) != before or what == "last":
                events.append((what, arguments[1]))

        monkeypatch.setattr(cls, method, noted)

    note(BestCheckpoint, "save", "best")
    note(LastCheckpoint, "save", "last")
    monkeypatch.setattr("core.training.hooks.checkpoints._SAVE_SECONDS", 0.0)
    train_small(
        tmp_path,
        after_step=lambda: events.append(("after_step",)),
        logged=Logged(),
        max_steps=3,
        evaluate_every=2,
        log_every=1,
        learning_rate=0.01,
        weight_decay=0.0,
    )
    steps = [event for event in events if event[0] != "best"]

    assert steps == [
        ("validation/loss", 0),
        ("train/loss", 1),
        ("after_step",),
        ("last", 1),
        ("train/loss", 2),
        ("validation/loss", 2),
        ("after_step",),
        ("last", 2),
        ("train/loss", 3),
        ("validation/loss", 3),
    ]
    assert events[:2] == [("validation/loss", 0), ("best", 0)]
    for event in events:
        if event[0] == "best":
            assert events[events.index(event) - 1] == ("validation/loss", event[1])


def test_the_best_checkpoint_has_the_weights_of_its_step(tmp_path):
    _, logged, _ = train_small(tmp_path, max_steps=40)
    checkpoint = tf.train.latest_checkpoint(str(tmp_path))
    step = int(tf.train.load_variable(checkpoint, "global_step"))

    assert checkpoint == str(tmp_path / f"model.ckpt-{step}")
    assert step in {step for name, _, step in logged if name == "validation/accuracy"}
    assert len(list(tmp_path.glob("*.index"))) == 1


def test_exhausted_patience_stops_before_after_step(tmp_path):
    steps = []
    _, _, last_step = train_small(
        tmp_path, after_step=lambda: steps.append(1), learning_rate=1e-9, patience=20, max_steps=150
    )

    assert last_step == 20
    assert len(steps) == 19
