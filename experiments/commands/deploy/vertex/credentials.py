"""Google's libraries, which are an optional dependency, and the credentials of the account."""

import warnings
from typing import Any

from experiments.pipeline.errors import UserError, requires_extra

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def require_libraries() -> None:
    """Import Google's libraries.

    Raises:
        UserError: if they are not installed; the message has the command that installs them.
    """
    with requires_extra("deploy", "deploy"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each module warns that its support of Python 3.11 will end
        import google.cloud.aiplatform_v1
        import google.cloud.storage  # noqa: F401


def find_credentials(project: str) -> Any:
    """Find the application default credentials.

    Google wants the calls of a user account billed to a project.

    Raises:
        UserError: if there are none, or their file is corrupt; the message tells how to get some.
    """
    import google.auth
    import google.oauth2.credentials
    from google.auth.exceptions import GoogleAuthError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the quota project is missing; it is set below
            credentials, _ = google.auth.default(scopes=[_SCOPE])
    except (GoogleAuthError, OSError, ValueError, AttributeError, TypeError, KeyError) as error:  # of a corrupt file
        raise UserError(
            f"there are no credentials for Google ({error}): run gcloud auth login --update-adc,"
            " or set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account"
        ) from error
    if isinstance(credentials, google.oauth2.credentials.Credentials) and not credentials.quota_project_id:
        return credentials.with_quota_project(project)
    return credentials
