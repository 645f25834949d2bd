import os
import signal

import pytest

from experiments.pipeline.interrupts import SignalHandler, TerminatedInterrupt


def send(number):
    """Send this process a signal; Python handles it before the next statement."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (signal.SIGINT, KeyboardInterrupt),
        (signal.SIGTERM, TerminatedInterrupt),
        (signal.SIGHUP, TerminatedInterrupt),
    ],
)
def test_a_signal_raises_at_once(number, error):
    with pytest.raises(error), SignalHandler().handling(lambda: False):
        send(number)


def test_a_second_signal_does_not_interrupt_the_handling_of_the_first():
    after: list[int] = []

    def end_slowly():
        try:
            send(signal.SIGTERM)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                send(number)
                after.append(number)

    with pytest.raises(TerminatedInterrupt), SignalHandler().handling(lambda: False):
        end_slowly()

    assert after == [signal.SIGTERM, signal.SIGINT]


def test_a_deferred_signal_is_raised_at_the_end_of_the_step():
    handler = SignalHandler()
    steps: list[int] = []

    def train(raise_pending):
        for step in range(10):
            if step == 3:
                send(signal.SIGTERM)
            steps.append(step)
            raise_pending()

    with pytest.raises(TerminatedInterrupt), handler.handling(lambda: False), handler.deferred() as raise_pending:
        train(raise_pending)

    assert steps == [0, 1, 2, 3]


def test_a_second_signal_is_not_deferred():
    handler = SignalHandler()
    steps: list[int] = []

    def train():
        for step, number in enumerate((signal.SIGTERM, signal.SIGINT, signal.SIGINT)):
            send(number)
            steps.append(step)

    with pytest.raises(KeyboardInterrupt), handler.handling(lambda: False), handler.deferred():
        train()

    assert steps == [0]


def test_a_pending_signal_is_raised_at_the_end_of_the_block():
    handler = SignalHandler()
    with pytest.raises(TerminatedInterrupt), handler.handling(lambda: False), handler.deferred():
        send(signal.SIGTERM)


def test_a_finished_run_is_not_interrupted():
    with SignalHandler().handling(lambda: True):
        send(signal.SIGTERM)


def test_handlers_are_restored_and_ignored_signals_stay_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with SignalHandler().handling(lambda: False):
            send(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    finally:
        signal.signal(signal.SIGHUP, before)
