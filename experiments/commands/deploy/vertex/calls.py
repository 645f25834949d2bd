"""Calls of Google's APIs: their retry, their errors in one line, and waiting for long operations."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from experiments.pipeline.errors import UserError

CALL_TIMEOUT = 60.0
"""Seconds for one call."""

READ_SECONDS = 10.0
"""Seconds for which a call that changes nothing is repeated while it fails."""

POLL_SECONDS = 300.0
"""The same for the polls of a long operation."""

OPERATION_SECONDS = 3600.0
"""Seconds for a long operation; an endpoint takes minutes."""

FIRST_POLL_PAUSE, LONGEST_POLL_PAUSE = 0.5, 15.0
"""Seconds between two polls; the pause doubles each time."""


def make_read_retry(seconds: float | None = None) -> Any:
    """Make the retry of a call that changes nothing: it repeats the call while the error is temporary.

    Args:
        seconds: the time after which an error is final; READ_SECONDS if None.
    """
    import requests
    from google.api_core import exceptions, retry

    is_temporary = retry.if_exception_type(
        exceptions.ServerError, exceptions.TooManyRequests, requests.ConnectionError, requests.Timeout
    )
    return retry.Retry(
        predicate=is_temporary, initial=0.5, maximum=10.0, timeout=READ_SECONDS if seconds is None else seconds
    )


@contextmanager
def errors_in_one_line(resource: str, hint: str = "") -> Iterator[None]:
    """Turn the errors of Google's libraries, and of the network, into a UserError.

    Args:
        resource: what the block calls for.
        hint: what to do if the resource does not exist.
    """
    from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption

    try:
        yield
    except NotFound as error:
        raise UserError(f"{resource}: not found{hint} ({error})") from error
    except Forbidden as error:
        raise UserError(f"{resource}: the account has no permission ({error})") from error
    except (GoogleAPIError, GoogleAuthError, DataCorruption, OSError, ValueError) as error:
        raise UserError(f"{resource}: {error}") from error


def wait_for_operation(name: str, url: str, credentials: Any) -> Mapping[str, Any]:
    """Wait until a long operation is done.

    This uses the documented call. Google's own library uses an undocumented one, and fails on fields that it does not
    know.

    Args:
        name: the resource name of the operation.
        url: the URL of Vertex AI.
        credentials: of the account.

    Returns:
        The response of the operation as JSON.

    Raises:
        UserError: if the operation fails, or takes longer than an hour.
    """
    from google.api_core.exceptions import from_http_response
    from google.auth.transport.requests import AuthorizedSession

    session = AuthorizedSession(credentials)

    def poll() -> dict[str, Any]:
        response = session.get(f"{url}/v1/{name}", timeout=CALL_TIMEOUT)
        if response.status_code >= 400:
            raise from_http_response(response)
        return dict(response.json())

    try:
        state = poll_until_done(name, make_read_retry(POLL_SECONDS)(poll))
    except BaseException:
        print(f"{name} continues at Google", file=sys.stderr)
        raise
    if "error" in state:
        raise UserError(f"{name}: {state['error'].get('message', state['error'])}")
    return dict(state.get("response", {}))


def poll_until_done(name: str, poll: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Poll a long operation until it is done, and return its last state.

    Raises:
        UserError: if it takes longer than an hour.
    """
    pause, deadline = FIRST_POLL_PAUSE, time.monotonic() + OPERATION_SECONDS
    while not (state := poll()).get("done"):
        if time.monotonic() > deadline:
            raise UserError(f"{name} is not done after an hour")
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_POLL_PAUSE)
    return state
