"""Handlers of signals that a library must not change."""

import signal

import pytest

from experiments.sweeps.cluster.systems.signals import kept_handlers


def test_a_library_that_sets_a_handler_does_not_change_ours():
    before = signal.getsignal(signal.SIGINT)
    with kept_handlers():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    assert signal.getsignal(signal.SIGINT) is before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_signal_that_comes_meanwhile_is_not_lost():
    def import_library():
        with kept_handlers():
            signal.signal(signal.SIGINT, lambda *_: None)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        import_library()
