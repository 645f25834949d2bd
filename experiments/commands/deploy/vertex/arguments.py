"""Checks the arguments of deploy and undeploy against the naming rules of Google Cloud.

https://cloud.google.com/storage/docs/naming-buckets
https://cloud.google.com/storage/docs/objects#naming
https://cloud.google.com/resource-manager/docs/creating-managing-projects
"""

import re
from dataclasses import dataclass

from experiments.commands.deploy.vertex.service import Service
from experiments.pipeline.errors import UserError

MACHINE = "n1-standard-2"
"""The type of machine that serves, unless machine= names another."""

_SHORTEST_BUCKET, _LONGEST_PART, _LONGEST_BUCKET = 3, 63, 222  # characters
_LONGEST_PREFIX = 700  # bytes; the name of an object has at most 1024


@dataclass(frozen=True)
class _Rule:
    """What an argument may be.

    Attributes:
        pattern: regular expression of the whole value.
        meaning: what the argument is, and its characters.
        example: a value that is allowed.
    """

    pattern: str
    meaning: str
    example: str


_PROJECT = _Rule(
    r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]{1,20}",
    "the id of a Google Cloud project (6 to 30 lowercase letters, digits and hyphens, a letter first)",
    "my-project",
)
_REGION = _Rule(r"[a-z]+-[a-z]+[0-9]{1,2}", "a region of Google Cloud", "europe-west4")
_NAME = _Rule(
    r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "a name for model and endpoint (1 to 63 lowercase letters, digits and hyphens, a letter first, no hyphen last)",
    "zahlwort-parity",
)
_MACHINE = _Rule(r"[a-z]+[0-9]+[a-z]*(-[a-z0-9]+){2,4}", "a machine type of Vertex AI", MACHINE)
_BUCKET = _Rule(
    r"gs://(?P<name>[a-z0-9][a-z0-9._-]*[a-z0-9])(?P<prefix>(/[^/]+)*)/?",
    "a bucket of Cloud Storage and an optional prefix (lowercase letters, digits, hyphens, underscores and dots;"
    " no empty, . or .. segment)",
    "gs://my-bucket/models",
)


def read_service(task: str, project: object, region: object, name: object) -> Service:
    """Read where to serve. The default name is zahlwort-<task>.

    Raises:
        UserError: if an argument is missing or not allowed.
    """
    return Service(
        project=_read("project", project, _PROJECT),
        region=_read("region", region, _REGION),
        name=_read("name", f"zahlwort-{task}".replace("_", "-") if name is None else name, _NAME),
    )


def read_machine(machine: object) -> str:
    """Read the type of machine.

    Raises:
        UserError: if it is not allowed.
    """
    return _read("machine", machine, _MACHINE)


def read_bucket(bucket: object) -> str:
    """Read the URI of a bucket, with or without a prefix.

    Returns:
        The URI without a slash at its end.

    Raises:
        UserError: if it is missing or not allowed.
    """
    uri = _read("bucket", bucket, _BUCKET)
    parts = re.fullmatch(_BUCKET.pattern, uri)
    if parts is None or not _is_bucket_name(parts["name"]) or not _is_prefix(parts["prefix"]):
        raise UserError(_refusal("bucket", uri, _BUCKET))
    return uri.rstrip("/")


def _is_bucket_name(name: str) -> bool:
    parts = name.split(".")
    is_address = len(parts) == 4 and all(part.isdigit() for part in parts)
    is_reserved = name.startswith("goog") or "google" in name.replace("0", "o")
    return (
        _SHORTEST_BUCKET <= len(name) <= (_LONGEST_BUCKET if len(parts) > 1 else _LONGEST_PART)
        and all(0 < len(part) <= _LONGEST_PART for part in parts)
        and not any(part.startswith("-") or part.endswith("-") for part in parts)
        and not is_address
        and not is_reserved
    )


def _is_prefix(prefix: str) -> bool:
    """Tell whether a prefix, empty or with a slash first, may begin the names of objects."""
    return (
        prefix.isprintable()
        and len(prefix.encode()) <= _LONGEST_PREFIX
        and not any(segment in (".", "..") for segment in prefix.split("/"))
        and not prefix.startswith("/.well-known/acme-challenge")
        and not set(prefix) & set("#[]*?")  # gcloud takes them for patterns
    )


def _read(name: str, value: object, rule: _Rule) -> str:
    if value is None:
        raise UserError(f"missing {name}=, e.g. {name}={rule.example}: {rule.meaning}")
    if not re.fullmatch(rule.pattern, str(value)):
        raise UserError(_refusal(name, str(value), rule))
    return str(value)


def _refusal(name: str, value: str, rule: _Rule) -> str:
    return f"{name}={value} is not {rule.meaning}, e.g. {name}={rule.example}"
