import math

import pytest
import tensorflow as tf

from core.events import Events
from core.hooks import EvaluationMeasuresHook, KeepBestHook, TrainingMeasuresHook
from core.selection import Selection
from tests.event_files import points


class Log(list):
    """A list for a logger."""

    def __call__(self, name, value, step):
        self.append((name, value, step))

    def of(self, name):
        return [(value, step) for logged, value, step in self if logged == name]


def run_session(hooks, losses, *, summarised=False):
    """Run a graph that publishes the given losses, one a step, until they end or a hook stops it."""
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        loss = tf.gather(tf.constant(losses, tf.float32), step)
        tf.compat.v1.add_to_collection("train/loss", loss)
        if summarised:
            tf.compat.v1.summary.scalar("square", loss**2)
        with tf.control_dependencies([loss]):
            train_op = tf.compat.v1.assign_add(step, 1)
        stop = tf.compat.v1.train.StopAtStepHook(last_step=len(losses))
        with tf.compat.v1.train.SingularMonitoredSession([*hooks, stop]) as session:
            while not session.should_stop():
                session.run(train_op)


def test_every_nth_batch_is_logged_with_its_step(tmp_path):
    log = Log()
    run_session([TrainingMeasuresHook(log, 3, Events(tmp_path))], [0.5, 0.25, 0.125, 1.0, 2.0, 4.0, 8.0])

    assert log.of("train/loss") == [(0.125, 3), (4.0, 6)]
    assert [step for _, step in log.of("train/steps_per_second")] == [3, 6]
    assert all(speed > 0 for speed, _ in log.of("train/steps_per_second"))


def test_what_is_logged_is_in_the_events_as_well_with_what_a_model_summarises_besides(tmp_path):
    events = Events(tmp_path)
    run_session([TrainingMeasuresHook(Log(), 3, events)], [0.5, 0.25, 0.125, 1.0, 2.0, 4.0], summarised=True)
    events.flush()
    shown = points(tmp_path)

    assert {key: value for key, value in shown.items() if key[0] == "loss"} == {("loss", 3): 0.125, ("loss", 6): 4.0}
    assert shown["square", 3] == 0.125**2
    assert ("global_step/sec", 6) in shown


def test_what_is_not_logged_is_not_fetched(tmp_path):
    hook = TrainingMeasuresHook(Log(), 3, Events(tmp_path))
    fetching = []

    class Spy(tf.estimator.SessionRunHook):
        def before_run(self, run_context):
            if hook.before_run(run_context) is not None:
                fetching.append(hook.step + 1)

    run_session([hook, Spy()], [0.5] * 7)

    assert fetching == [3, 6]


def test_what_is_logged_is_a_python_number(tmp_path):
    log = Log()
    run_session([TrainingMeasuresHook(log, 1, Events(tmp_path))], [0.5])

    assert {(type(value), type(step)) for _, value, step in log} == {(float, int)}


def test_an_evaluation_is_logged_when_it_ends():
    log = Log()
    hook = EvaluationMeasuresHook("test", log)
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        tf.compat.v1.add_to_collection("eval/accuracy", tf.constant(0.75))
        train_op = tf.compat.v1.assign(step, 10)
        with tf.compat.v1.train.SingularMonitoredSession([hook]) as session:
            session.run(train_op)

    assert log == [("test/accuracy", 0.75, 10)]
    assert hook.measures == {"accuracy": 0.75}


def selection(offers, *, higher_is_better=True, patience=100):
    made = Selection("score", higher_is_better=higher_is_better, patience=patience)
    for step, score, loss in offers:
        made.offer(step, {"score": score, "loss": loss})
    return made


@pytest.mark.parametrize(
    ("offers", "higher_is_better", "best_step"),
    [
        ([(0, 0.5, 1.0), (10, 0.9, 1.0), (20, 0.7, 0.1)], True, 10),
        ([(0, 0.5, 1.0), (10, 0.9, 1.0), (20, 0.4, 9.0)], False, 20),
        ([(0, 0.9, 1.0), (10, 0.9, 0.5), (20, 0.9, 0.7)], True, 10),
        ([(0, 0.9, 1.0), (10, 0.9, 1.0)], True, 0),
        ([(0, 0.5, 1.0), (10, math.nan, 0.1), (20, 0.9, math.inf)], True, 0),
        ([], True, -1),
    ],
    ids=["higher", "lower", "equal, less loss", "equal", "not finite", "none"],
)
def test_the_best_evaluation_is_chosen(offers, higher_is_better, best_step):
    assert selection(offers, higher_is_better=higher_is_better).best_step == best_step


def test_patience_counts_steps_since_the_measure_improved():
    made = selection([(0, 0.5, 1.0), (50, 0.9, 1.0), (100, 0.9, 0.1)], patience=100)

    assert not made.exhausted(149)
    assert made.exhausted(150)


def test_the_best_weights_are_saved_and_patience_ends_training(tmp_path):
    made = Selection("loss", higher_is_better=False, patience=3)
    losses = [5.0, 3.0, 4.0, 4.0, 4.0, 1.0, 1.0]

    class Offer(tf.estimator.SessionRunHook):
        """Stands where validation stands: offers the loss of each step."""

        step = 0

        def before_run(self, run_context):
            return tf.estimator.SessionRunArgs(tf.compat.v1.get_collection("train/loss")[0])

        def after_run(self, run_context, run_values):
            self.step += 1
            made.offer(self.step, {"loss": float(run_values.results)})

    run_session([Offer(), KeepBestHook(made, tmp_path)], losses)

    assert made.best_step == 2
    checkpoint = tf.train.latest_checkpoint(str(tmp_path))
    assert checkpoint == str(tmp_path / "model.ckpt-2")
    assert tf.train.load_variable(checkpoint, "global_step") == 2
    assert len(list(tmp_path.glob("*.index"))) == 1
