"""Forks scripts from a process that has imported TensorFlow and the project; see tests.experiments.warm_process.

tests --request, streams--> server --forks--> keeper --forks--> script
  ^------------------ pid, then exit status ----'
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import traceback
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

_LARGEST_REQUEST = 2**17  # bytes
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def _serve(connection: socket.socket) -> None:
    """Fork a keeper for each request, until the tests have ended."""
    from experiments.pipeline.tensorflow import import_training

    import_training()
    for name in ("git", "experiments.laboratory", "experiments.cli.main"):
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no keeper becomes a zombie
    while True:
        request, descriptors, _, _ = socket.recv_fds(connection, _LARGEST_REQUEST, 4)
        if not request:
            return
        if os.fork() == 0:
            connection.close()
            _keep(request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _keep(request: bytes, descriptors: Sequence[int]) -> NoReturn:
    """Fork a script, and send its pid and its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, status = descriptors
    pid = os.fork()
    if pid == 0:
        os.close(status)
        _run(streams, **json.loads(request))
    for descriptor in streams:
        os.close(descriptor)
    with socket.socket(fileno=status) as answers:
        answers.send(str(pid).encode())
        _, ended = os.waitpid(pid, 0)
        with contextlib.suppress(BrokenPipeError):  # the tests have ended
            answers.send(str(os.waitstatus_to_exitcode(ended)).encode())
    os._exit(0)


def _run(
    streams: Sequence[int],
    script: str,
    arguments: Sequence[str],
    directory: str,
    environment: Mapping[str, str],
    ignored: Collection[int],
) -> NoReturn:
    """Run a script in this process as `python script` does, in a session of its own."""
    os.setsid()
    _set_signals(ignored)
    for place, descriptor in enumerate(streams):
        os.dup2(descriptor, place)
        os.close(descriptor)
    _open_streams()
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)
    status = _run_script(script)
    sys.stdout.flush()
    os._exit(status)


def _run_script(script: str) -> int:
    """Run a script as the main module, and return its exit status."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _set_signals(ignored: Collection[int]) -> None:
    """Set the handlers of a new Python process, and ignore some signals."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    if signal.SIGINT not in ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _open_streams() -> None:
    """Open the three streams as Python does when it starts."""
    streams = {
        "stdin": os.fdopen(0, encoding=sys.stdin.encoding),
        "stdout": os.fdopen(1, "w", encoding=sys.stdout.encoding),
        "stderr": os.fdopen(2, "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"),
    }
    for name, stream in streams.items():
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
