"""Answers the REST calls of Vertex AI that a deployment makes, and checks them.

Requests are parsed into the messages of Google's own client library, which refuses unknown fields. The fake checks the
further rules of the reference: ids, traffic, and what may be deleted.
https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints and .models
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.experiments.commands.deploy.vertex.fake.endpoints import Endpoints
from tests.experiments.commands.deploy.vertex.fake.operations import Operations
from tests.experiments.commands.deploy.vertex.fake.registry import Registry
from tests.experiments.commands.deploy.vertex.fake.rest import RestError

_LOCATION = r"(?P<location>projects/[^/]+/locations/[^/]+)"
_ENDPOINT = rf"(?P<name>{_LOCATION}/endpoints/[^/:]+)"


class FakeVertex:
    """One project and region of Vertex AI.

    Attributes:
        models: by resource name of the version, the registered model.
        endpoints: by resource name.
        operations: the long operations, and how they fail.
        refused: a part of the paths that the account has no permission for.
        calls: the methods that were called, in order.
    """

    def __init__(self) -> None:
        self.operations = Operations()
        registry = Registry(self.operations)
        endpoints = Endpoints(self.operations, registry.models)
        self.models, self.endpoints = registry.models, endpoints.endpoints
        self.refused: str | None = None
        self.calls: list[str] = []
        self._routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("POST", rf"{_LOCATION}/models:upload", registry.upload_model),
            ("GET", rf"(?P<name>{_LOCATION}/models/[^/:]+)", registry.get_model),
            ("POST", rf"{_LOCATION}/endpoints", endpoints.create_endpoint),
            ("GET", _ENDPOINT, endpoints.get_endpoint),
            ("DELETE", _ENDPOINT, endpoints.delete_endpoint),
            ("POST", rf"{_ENDPOINT}:deployModel", endpoints.deploy_model),
            ("POST", rf"{_ENDPOINT}:undeployModel", endpoints.undeploy_model),
            ("POST", rf"{_ENDPOINT}:predict", endpoints.predict),
            ("GET", rf"(?P<operation>{_LOCATION}/(\w+/[^/]+/)?operations/[^/:]+)", self.operations.poll),
        ]

    def answer(self, method: str, url: str, body: bytes) -> Mapping[str, Any]:
        """Answer a call as the API does."""
        parts = urlsplit(url)
        if self.refused is not None and self.refused in parts.path:
            raise RestError(403, "PERMISSION_DENIED", f"Permission denied on {parts.path}.")
        for verb, pattern, call in self._routes:
            found = re.fullmatch(f"/v1/{pattern}", parts.path)
            if found and verb == method:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.calls.append(call.__name__)
                answer: Mapping[str, Any] = call(found.groupdict(), query, json.loads(body or b"{}"))
                return answer
        raise RestError(404, "NOT_FOUND", f"The requested URL {parts.path} was not found on this server.")
