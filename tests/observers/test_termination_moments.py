"""A signal ends a run whenever it comes: in a hook, in an inner run, between an error and its record."""

import logging
import signal
import threading

import pytest
from sacred import Experiment

from observers import record
from observers.stored_runs.stored_run import read_run
from observers.termination import TerminatedInterrupt


@pytest.fixture
def experiment(tmp_path):
    made = Experiment("small", base_dir="/", save_git_info=False)
    record(made, tmp_path / "runs")
    return made


def test_the_handlers_are_those_of_before_when_the_run_has_ended(experiment):
    during = {}
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    experiment.main(lambda: during.update({number: signal.getsignal(number) for number in signal.valid_signals()}))
    experiment.run()

    assert signal.SIGTERM in {number for number in during if during[number] != before[number]}
    assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before


def test_signals_are_handled_during_a_hook_that_was_there_before(tmp_path):
    made = Experiment("small", base_dir="/", save_git_info=False)
    during = []

    @made.pre_run_hook
    def load_data():
        during.append(signal.getsignal(signal.SIGTERM))

    made.main(lambda: 0.5)
    record(made, tmp_path / "runs")
    made.run()

    assert during != [signal.getsignal(signal.SIGTERM)]


def test_a_run_outside_of_the_main_thread_handles_no_signals(experiment, tmp_path):
    experiment.main(lambda: 0.5)
    thread = threading.Thread(target=experiment.run)
    thread.start()
    thread.join()

    assert read_run(tmp_path / "runs" / "1").status == "COMPLETED"


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGTERM, TerminatedInterrupt), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_signal_while_the_end_is_recorded_waits_until_it_is(experiment, tmp_path, number, kind):
    class Sender:
        """An observer that gets the signal when the run has completed, before the others record that."""

        priority = 100

        def __getattr__(self, name):
            return lambda **_: signal.raise_signal(number) if name == "completed_event" else None

    experiment.main(lambda: 0.5)
    experiment.observers.append(Sender())
    with pytest.raises(kind):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "COMPLETED"


class _SignalAtMessage(logging.Handler):
    """Raises a signal when a message is logged."""

    def __init__(self, message, number):
        super().__init__()
        self.message, self.number = message, number

    def emit(self, record):
        if record.getMessage() == self.message:
            signal.raise_signal(self.number)


@pytest.fixture
def logger():
    made = logging.getLogger("tests.termination")
    made.setLevel(logging.DEBUG)
    made.propagate = False
    yield made
    made.handlers.clear()


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "INTERRUPTED")])
def test_a_signal_between_an_error_and_the_record_of_it_waits(experiment, tmp_path, logger, error, status):
    @experiment.main
    def main():
        raise error

    logger.addHandler(_SignalAtMessage("Stopping Heartbeat", signal.SIGTERM))
    experiment.logger = logger
    with pytest.raises((TerminatedInterrupt, error)):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == status


def test_a_signal_while_the_program_handles_an_error_ends_the_run(experiment, tmp_path):
    @experiment.main
    def main():
        try:
            raise ValueError("of the training")
        except ValueError:
            signal.raise_signal(signal.SIGTERM)
        pytest.fail("training would go on")

    with pytest.raises(TerminatedInterrupt):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"


def test_a_signal_ends_a_run_that_was_started_while_an_error_is_handled(experiment, tmp_path):
    experiment.main(lambda: signal.raise_signal(signal.SIGTERM))
    try:
        raise ValueError("of the program")
    except ValueError:
        with pytest.raises(TerminatedInterrupt):
            experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"


def test_a_signal_while_the_end_of_an_inner_run_is_recorded_waits_for_it_and_ends_the_outer_one(
    experiment, tmp_path, logger
):
    inner = Experiment("inner", base_dir="/", save_git_info=False)
    logger.addHandler(_SignalAtMessage("Stopping Heartbeat", signal.SIGTERM))
    inner.logger = logger
    record(inner, tmp_path / "inner")

    @inner.main
    def fail():
        raise ValueError("of the inner run")

    @experiment.main
    def main():
        inner.run()
        pytest.fail("training would go on")

    with pytest.raises(TerminatedInterrupt):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"
    assert read_run(tmp_path / "inner" / "1").status == "FAILED"


def test_the_exception_is_stopped_by_no_handler_of_errors(experiment, tmp_path):
    @experiment.main
    def main():
        try:
            signal.raise_signal(signal.SIGTERM)
        except Exception:
            pytest.fail("training would go on")

    with pytest.raises(SystemExit) as ended:
        experiment.run()

    assert ended.value.code == 143
    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"
