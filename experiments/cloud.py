"""Talks to Google Cloud: its libraries, credentials and long operations, and one line for what goes wrong.

Google's libraries are an extra, and imported when they are needed.
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from experiments.settings import RefusedError

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_PATIENCE = 3600.0  # seconds for an operation; an endpoint takes minutes
_SILENCE = 300.0  # seconds for which an operation is asked for in vain
CALL_TIMEOUT = 60.0
"""Seconds for one call."""


def require_libraries() -> None:
    """Import what the extra `deploy` holds, or say how to get it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the end of Python 3.11, once a module
            import google.cloud.aiplatform_v1
            import google.cloud.storage  # noqa: F401
    except ImportError as error:
        raise RefusedError(
            f"deploying needs Google's libraries ({error}): pip install -c constraints.txt -e '.[deploy]' has them"
        ) from error


def find_credentials(project: str) -> Any:
    """Find the application default credentials; those of a person are billed to the project, as Google wants it."""
    import google.auth
    import google.oauth2.credentials
    from google.auth.exceptions import GoogleAuthError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a missing quota project, which is given below
            credentials, _ = google.auth.default(scopes=[_SCOPE])
    except (GoogleAuthError, OSError, ValueError, AttributeError, TypeError, KeyError) as error:  # a file of anything
        raise RefusedError(
            "there are no credentials for Google: gcloud auth login --update-adc makes some,"
            f" or GOOGLE_APPLICATION_CREDENTIALS names the key of a service account ({error})"
        ) from error
    if isinstance(credentials, google.oauth2.credentials.Credentials) and not credentials.quota_project_id:
        return credentials.with_quota_project(project)
    return credentials


def retrying(seconds: float = 10.0) -> Any:
    """Make what repeats a call that changes nothing, for some seconds, while its failure may pass."""
    import requests
    from google.api_core import exceptions, retry

    passing = retry.if_exception_type(
        exceptions.ServerError, exceptions.TooManyRequests, requests.ConnectionError, requests.Timeout
    )
    return retry.Retry(predicate=passing, initial=0.5, maximum=10.0, timeout=seconds)


def await_operation(name: str, url: str, credentials: Any) -> Mapping[str, Any]:
    """Wait for a long operation, by the documented call, and return its response as JSON.

    (Google's own library asks in a place that is not documented, and breaks at fields that it does not know.)

    Args:
        name: of the operation.
        url: of Vertex AI.
        credentials: to ask with.

    Raises:
        RefusedError: when it fails, or takes longer than an hour.
    """
    from google.api_core.exceptions import from_http_response
    from google.auth.transport.requests import AuthorizedSession

    session = AuthorizedSession(credentials)

    def ask() -> dict[str, Any]:
        response = session.get(f"{url}/v1/{name}", timeout=CALL_TIMEOUT)
        if response.status_code >= 400:
            raise from_http_response(response)
        return dict(response.json())

    ask_again: Callable[[], dict[str, Any]] = retrying(_SILENCE)(ask)
    pause, deadline = 0.5, time.monotonic() + _PATIENCE
    try:
        while not (state := ask_again()).get("done"):
            if time.monotonic() > deadline:
                raise RefusedError(f"{name} has not ended within an hour; it goes on at Google")
            time.sleep(pause)
            pause = min(2 * pause, 15.0)
    except BaseException:
        print(f"{name} goes on at Google", file=sys.stderr)
        raise
    if "error" in state:
        raise RefusedError(f"{name}: {state['error'].get('message', state['error'])}")
    return dict(state.get("response", {}))


@contextmanager
def explained(what: str, hint: str = "") -> Iterator[None]:
    """Make one line of what Google refuses, and of what goes wrong on the way there.

    Args:
        what: is asked for.
        hint: what to do when it is not there.
    """
    from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption

    try:
        yield
    except NotFound as error:
        raise RefusedError(f"{what}: not found{hint} ({error})") from error
    except Forbidden as error:
        raise RefusedError(f"{what}: the account has no permission ({error})") from error
    except (GoogleAPIError, GoogleAuthError, DataCorruption, OSError, ValueError) as error:
        raise RefusedError(f"{what}: {error}") from error
