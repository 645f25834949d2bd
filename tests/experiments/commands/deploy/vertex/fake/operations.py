"""Long operations: each takes effect when it is polled for the second time."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.experiments.commands.deploy.vertex.fake.rest import RestError, serialize

METADATA = {"@type": "type.googleapis.com/google.cloud.aiplatform.ui.OperationMetadata", "progressMessage": "..."}
"""Google sends metadata of this type, which its client library does not know."""


class Operations:
    """The operations of a project.

    Attributes:
        failing: the end of a call whose operation fails, such as `:deployModel`.
        endless: the end of a resource whose operations never end.
        faults: HTTP statuses of the next responses to polls.
        polls: how often an operation was polled.
    """

    def __init__(self) -> None:
        self.failing: str | None = None
        self.endless: str | None = None
        self.faults: list[int] = []
        self.polls = 0
        self._states: dict[str, list[dict[str, Any]]] = {}
        self._effects: dict[str, Callable[[], Any]] = {}

    def begin(self, parent: str, call: str, response: Any, effect: Callable[[], Any]) -> dict[str, Any]:
        """Begin an operation.

        Args:
            parent: the resource name that it belongs to.
            call: the end of the call that begins it.
            response: a message of the API, or None.
            effect: what it changes.
        """
        name = f"{parent}/operations/{len(self._states) + 1}"
        if call == self.failing:
            end = {"error": {"code": 8, "message": "The following quotas are exceeded: CustomModelServingCPUs"}}
            effect = dict
        elif response is None:
            end = {"response": {"@type": "type.googleapis.com/google.protobuf.Empty"}}
        else:
            kind = type(response).pb(response).DESCRIPTOR.full_name
            end = {"response": {"@type": f"type.googleapis.com/{kind}", **serialize(response)}}
        self._states[name] = [{"done": False}, end]
        self._effects[name] = effect
        return {"name": name}

    def poll(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Mapping[str, Any]:
        """Return the state of an operation."""
        name = path["operation"]
        self.polls += 1
        if name.partition("/operations/")[0].endswith(self.endless or "\0"):
            return {"name": name, "done": False}
        if self.faults:
            raise RestError(self.faults.pop(), "UNAVAILABLE", "The service is currently unavailable.")
        states = self._states[name]
        if len(states) > 1:
            return {"name": name, "metadata": METADATA, **states.pop(0)}
        self._effects.pop(name, dict)()
        return {"name": name, "metadata": METADATA, "done": True, **states[0]}
