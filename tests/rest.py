"""Messages of Google's APIs as JSON, and answers that are errors."""

from typing import Any

from google.protobuf import json_format


class RestError(Exception):
    """An answer of the API that is an error: its HTTP status, its name, and what is wrong."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.body = {"error": {"code": code, "status": status, "message": message}}


def parsed(kind: Any, body: Any) -> Any:
    """Read a message of the API; a field that it does not have is an error."""
    try:
        return kind.wrap(json_format.ParseDict(body, kind.pb()()))
    except json_format.ParseError as error:
        raise RestError(400, "INVALID_ARGUMENT", str(error)) from error


def written(message: Any) -> Any:
    """Write a message of the API as JSON."""
    return json_format.MessageToDict(type(message).pb(message))


def require(holds: bool, message: str) -> None:
    if not holds:
        raise RestError(400, "INVALID_ARGUMENT", message)
