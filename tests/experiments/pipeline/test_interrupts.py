import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest

from experiments.pipeline import interrupts
from experiments.pipeline.interrupts import SignalHandler, TerminatedInterrupt, handle_stop_signals, signal_of
from observers.program import STOP_SIGNALS


def send(number):
    """Send this process a signal; Python handles it before the next statement."""
    os.kill(os.getpid(), number)


@contextmanager
def handled(is_over=False):
    """Handle signals as the process of a run does that has begun, but for the length of a block."""
    handler = SignalHandler()
    with handle_stop_signals(lambda *_: None):
        handler.handle_until_exit(is_before=lambda: False, end_before=lambda _: None, is_over=lambda: is_over)
        handler.begin()
        yield handler


ENDS = [number for number in signal.Signals if number in STOP_SIGNALS]
OF_PROGRAM_ERRORS = {"SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS", "SIGSTKFLT"}
IGNORED_BY_PYTHON = {"SIGPIPE", "SIGXFSZ"}


@pytest.mark.parametrize("number", ENDS)
def test_a_signal_raises_at_once(number):
    with pytest.raises(KeyboardInterrupt) as raised, handled():
        send(number)

    assert signal_of(raised.value) == number
    assert isinstance(raised.value, TerminatedInterrupt) == (number != signal.SIGINT)


def test_every_signal_that_would_end_a_process_is_a_stop_signal():
    left_out = {"SIGKILL", *OF_PROGRAM_ERRORS, *IGNORED_BY_PYTHON}
    for number in set(signal.Signals) - set(STOP_SIGNALS):
        if number.name in left_out or number >= signal.SIGRTMIN:
            continue
        ended = (
            subprocess.run(
                [sys.executable, "-c", f"import os, time; os.kill(os.getpid(), {number.value}); print('goes on')"],
                capture_output=True,
                text=True,
            )
            if number not in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
            else None
        )
        assert ended is None or ended.stdout == "goes on\n", number.name


def test_a_termination_is_no_failure_that_other_code_could_catch():
    with pytest.raises(TerminatedInterrupt), handled(), suppress(Exception):
        send(signal.SIGTERM)


def test_a_second_signal_does_not_interrupt_the_handling_of_the_first():
    after: list[int] = []

    def end_slowly():
        try:
            send(signal.SIGTERM)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                send(number)
                after.append(number)

    with pytest.raises(TerminatedInterrupt), handled():
        end_slowly()

    assert after == [signal.SIGTERM, signal.SIGINT]


def test_a_deferred_signal_is_raised_at_the_end_of_the_step():
    steps: list[int] = []

    def train(raise_pending):
        for step in range(10):
            if step == 3:
                send(signal.SIGTERM)
            steps.append(step)
            raise_pending()

    with pytest.raises(TerminatedInterrupt), handled() as handler, handler.deferred() as raise_pending:
        train(raise_pending)

    assert steps == [0, 1, 2, 3]


def signals_in_a_step(pause=0.0):
    """Return how many of four signals a step survives, and the exception that ends the training."""
    steps: list[int] = []

    def train():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGINT):
            send(number)
            time.sleep(pause)
            steps.append(number)

    with pytest.raises(KeyboardInterrupt) as raised, handled() as handler, handler.deferred():
        train()
    return len(steps), type(raised.value)


def test_further_signals_do_not_cut_a_step_short():
    assert signals_in_a_step() == (4, KeyboardInterrupt)


def test_a_further_signal_ends_a_step_that_takes_long(monkeypatch):
    monkeypatch.setattr(interrupts, "_PATIENCE", 0.01)

    assert signals_in_a_step(pause=0.02) == (1, KeyboardInterrupt)


def test_a_pending_signal_is_raised_at_the_end_of_the_block():
    with pytest.raises(TerminatedInterrupt), handled() as handler, handler.deferred():
        send(signal.SIGTERM)


class Closing:
    """Gets a signal in its finalizer, where Python prints an exception and goes on."""

    def __del__(self):
        send(signal.SIGHUP)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_a_finalizer_swallows_is_raised_after_the_next_step():
    steps: list[int] = []

    def train(handler):
        Closing()
        with handler.deferred() as raise_pending:
            for step in range(3):
                steps.append(step)
                raise_pending()

    with pytest.raises(TerminatedInterrupt), handled() as handler:
        train(handler)

    assert steps == [0]


def test_a_finished_run_is_not_interrupted():
    with handled(is_over=True):
        send(signal.SIGTERM)


def test_a_guest_restores_the_handlers_and_ignored_signals_stay_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with SignalHandler().handling(lambda: False):
            send(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_is_raised_also_if_the_run_fails_before_it_has_begun():
    def fail():
        send(signal.SIGINT)
        raise ValueError("a full disk")

    with pytest.raises(KeyboardInterrupt) as raised, SignalHandler().handling(lambda: False):
        fail()

    assert isinstance(raised.value.__context__, ValueError)


def test_a_run_that_has_started_another_one_can_still_be_interrupted():
    handler = SignalHandler()

    def run_both():
        handler.begin()
        with handler.handling(lambda: True):
            handler.begin()
        send(signal.SIGINT)
        pytest.fail("goes on")

    with pytest.raises(KeyboardInterrupt), handler.handling(lambda: False):
        run_both()


def in_a_process(code):
    """Run code that handles signals until its process exits."""
    lines = f"""
import os, signal, sys
from experiments.pipeline.interrupts import SIGNALS
stage = "before"
SIGNALS.handle_until_exit(
    is_before=lambda: stage == "before", end_before=lambda number: sys.exit(number), is_over=lambda: stage == "over"
)
{code}"""
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_a_process_whose_run_has_not_started_ends_at_once():
    assert in_a_process("os.kill(os.getpid(), signal.SIGUSR1)\nprint('goes on')") == (signal.SIGUSR1, "", "")


def test_a_signal_waits_until_the_run_has_begun_and_the_end_of_a_run_ignores_all():
    status, out, _ = in_a_process("""
stage = "running"
os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGINT)
print("recorded")
try:
    with SIGNALS.handling(lambda: False):
        SIGNALS.begin()
except KeyboardInterrupt as error:
    print(error)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
    os.kill(os.getpid(), number)
stage = "over"
os.kill(os.getpid(), signal.SIGTERM)
print("ended")""")

    assert (status, out) == (0, "recorded\nSIGTERM\nended\n")


def test_a_signal_that_is_swallowed_while_a_run_is_prepared_is_raised_when_it_begins():
    status, out, _ = in_a_process("""
try:
    os.kill(os.getpid(), signal.SIGHUP)
except:  # of a library, such as cpuinfo
    pass
try:
    SIGNALS.begin()
except KeyboardInterrupt as error:
    print(error)""")

    assert (status, out) == (0, "SIGHUP\n")
