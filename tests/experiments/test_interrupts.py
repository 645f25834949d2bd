import os
import signal

import pytest

from experiments.interrupts import Interrupts, TerminatedInterrupt


def send(number):
    """Send this process a signal, which Python handles before the next statement."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (signal.SIGINT, KeyboardInterrupt),
        (signal.SIGTERM, TerminatedInterrupt),
        (signal.SIGHUP, TerminatedInterrupt),
    ],
)
def test_a_signal_is_raised_where_the_program_is(number, error):
    with pytest.raises(error), Interrupts().heeded(lambda: False):
        send(number)


def test_a_second_signal_does_not_disturb_the_first():
    after: list[int] = []

    def end_slowly():
        try:
            send(signal.SIGTERM)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                send(number)
                after.append(number)

    with pytest.raises(TerminatedInterrupt), Interrupts().heeded(lambda: False):
        end_slowly()

    assert after == [signal.SIGTERM, signal.SIGINT]


def test_a_signal_waits_for_the_end_of_a_step():
    interrupts = Interrupts()
    steps: list[int] = []

    def train(heed):
        for step in range(10):
            if step == 3:
                send(signal.SIGTERM)
            steps.append(step)
            heed()

    with pytest.raises(TerminatedInterrupt), interrupts.heeded(lambda: False), interrupts.deferred() as heed:
        train(heed)

    assert steps == [0, 1, 2, 3]


def test_a_second_signal_does_not_wait():
    interrupts = Interrupts()
    steps: list[int] = []

    def train():
        for step, number in enumerate((signal.SIGTERM, signal.SIGINT, signal.SIGINT)):
            send(number)
            steps.append(step)

    with pytest.raises(KeyboardInterrupt), interrupts.heeded(lambda: False), interrupts.deferred():
        train()

    assert steps == [0]


def test_a_signal_that_came_last_is_raised_when_waiting_is_over():
    interrupts = Interrupts()
    with pytest.raises(TerminatedInterrupt), interrupts.heeded(lambda: False), interrupts.deferred():
        send(signal.SIGTERM)


def test_a_run_that_is_over_is_not_interrupted():
    with Interrupts().heeded(lambda: True):
        send(signal.SIGTERM)


def test_handlers_are_as_before_afterwards_and_what_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts().heeded(lambda: False):
            send(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    finally:
        signal.signal(signal.SIGHUP, before)
