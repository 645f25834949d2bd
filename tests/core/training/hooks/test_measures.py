import tensorflow as tf

from core.training.hooks.measures import EvaluationMeasuresHook, TrainingMeasures
from core.training.tensorboard import EventWriter
from tests.event_files import points


class Log(list):
    """A list that takes points like a logger."""

    def __call__(self, name, value, step):
        self.append((name, value, step))

    def of(self, name):
        return [(value, step) for logged, value, step in self if logged == name]


class Hook(tf.estimator.SessionRunHook):
    """Logs measures in a session, and notes at which steps something is fetched."""

    def __init__(self, measures):
        self.measures = measures
        self.step = 0
        self.fetched_steps: list[int] = []

    def begin(self):
        self.measures.build()

    def after_create_session(self, session, coord):
        self.measures.start(0)

    def before_run(self, run_context):
        return self.measures.fetches(self.step + 1)

    def after_run(self, run_context, run_values):
        self.step += 1
        if run_values.results is not None:
            self.fetched_steps.append(self.step)
        self.measures.log(self.step, run_values.results)


def log_losses(measures, losses, *, with_summary=False, with_evaluation=False):
    """Run a graph whose training loss takes the given values, one a step, and return the hook."""
    hook = Hook(measures)
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        loss = tf.gather(tf.constant(losses, tf.float32), step)
        tf.compat.v1.add_to_collection("train/loss", loss)
        tf.compat.v1.add_to_collection("train/gradient_norm", loss)
        if with_evaluation:
            tf.compat.v1.add_to_collection("eval/loss", loss)
        if with_summary:
            tf.compat.v1.summary.scalar("square", loss**2)
        with tf.control_dependencies([loss]):
            train_op = tf.compat.v1.assign_add(step, 1)
        stop = tf.compat.v1.train.StopAtStepHook(last_step=len(losses))
        with tf.compat.v1.train.SingularMonitoredSession([hook, stop]) as session:
            while not session.should_stop():
                session.run(train_op)
    return hook


def test_every_nth_batch_is_logged_with_its_step(tmp_path):
    log = Log()
    log_losses(TrainingMeasures(log, EventWriter(tmp_path), log_every=3), [0.5, 0.25, 0.125, 1.0, 2.0, 4.0, 8.0])

    assert log.of("train/loss") == [(0.125, 3), (4.0, 6)]
    assert [step for _, step in log.of("train/steps_per_second")] == [3, 6]
    assert all(speed > 0 for speed, _ in log.of("train/steps_per_second"))


def test_tensorboard_gets_the_logged_measures_and_the_summaries_of_the_graph(tmp_path):
    events = EventWriter(tmp_path)
    losses = [0.5, 0.25, 0.125, 1.0, 2.0, 4.0]
    log_losses(TrainingMeasures(Log(), events, log_every=3), losses, with_summary=True, with_evaluation=True)
    events.flush()
    shown = points(tmp_path)

    assert {step: shown["measures/loss", step] for step in (3, 6)} == {3: 0.125, 6: 4.0}
    assert shown["square", 3] == 0.125**2


def test_tensorboard_separates_what_evaluations_measure_too_from_what_only_training_has(tmp_path):
    events = EventWriter(tmp_path)
    log_losses(TrainingMeasures(Log(), events, log_every=1), [0.5], with_evaluation=True)
    events.flush()

    assert {tag for tag, _ in points(tmp_path)} == {
        "measures/loss",
        "training/gradient_norm",
        "training/steps_per_second",
    }


def test_only_logged_steps_fetch_measures(tmp_path):
    hook = log_losses(TrainingMeasures(Log(), EventWriter(tmp_path), log_every=3), [0.5] * 7)

    assert hook.fetched_steps == [3, 6]


def test_logged_values_are_python_numbers(tmp_path):
    log = Log()
    log_losses(TrainingMeasures(log, EventWriter(tmp_path), log_every=1), [0.5])

    assert {(type(value), type(step)) for _, value, step in log} == {(float, int)}


def test_an_evaluation_is_logged_at_its_end(tmp_path):
    log = Log()
    hook = EvaluationMeasuresHook("test", log, EventWriter(tmp_path))
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        tf.compat.v1.add_to_collection("eval/accuracy", tf.constant(0.75))
        train_op = tf.compat.v1.assign(step, 10)
        with tf.compat.v1.train.SingularMonitoredSession([hook]) as session:
            session.run(train_op)

    assert log == [("test/accuracy", 0.75, 10)]
    assert hook.measures == {"accuracy": 0.75}
    assert points(tmp_path) == {("measures/accuracy", 10): 0.75}
