"""Messages of Google's APIs as JSON, and error responses."""

from typing import Any

from google.protobuf import json_format


class RestError(Exception):
    """An error response of the API, with its HTTP status, its name and its message."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.body = {"error": {"code": code, "status": status, "message": message}}


def parse(kind: Any, body: Any) -> Any:
    """Parse a message of the API; an unknown field is an error."""
    try:
        return kind.wrap(json_format.ParseDict(body, kind.pb()()))
    except json_format.ParseError as error:
        raise RestError(400, "INVALID_ARGUMENT", str(error)) from error


def serialize(message: Any) -> Any:
    """Return a message of the API as JSON."""
    return json_format.MessageToDict(type(message).pb(message))


def require(holds: bool, message: str) -> None:
    if not holds:
        raise RestError(400, "INVALID_ARGUMENT", message)
