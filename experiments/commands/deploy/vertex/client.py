"""The clients of Vertex AI in one region, with the credentials of the account."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from experiments.commands.deploy.vertex.calls import CALL_TIMEOUT, make_read_retry, wait_for_operation
from experiments.commands.deploy.vertex.credentials import find_credentials, require_libraries
from experiments.commands.deploy.vertex.service import Service


class Client:
    """Calls Vertex AI.

    Attributes:
        service: the names of the resources.
        api: the module with the messages of the API.
        credentials: of the account.
    """

    def __init__(self, service: Service) -> None:
        """Import Google's libraries and find the credentials; nothing is called yet.

        Raises:
            UserError: if the libraries or the credentials are missing.
        """
        require_libraries()
        from google.cloud import aiplatform_v1

        self.service = service
        self.api: Any = aiplatform_v1
        self.credentials = find_credentials(service.project)

    @cached_property
    def models(self) -> Any:
        """Calls the registry of models."""
        return self._make(self.api.ModelServiceClient)

    @cached_property
    def endpoints(self) -> Any:
        """Calls the endpoints."""
        return self._make(self.api.EndpointServiceClient)

    def get(self, call: Any, name: str) -> Any:
        """Get a resource, or None if it does not exist.

        Args:
            call: a method of models or endpoints.
            name: of the resource.
        """
        from google.api_core.exceptions import NotFound

        try:
            return call(name=name, retry=make_read_retry(), timeout=CALL_TIMEOUT)
        except NotFound:
            return None

    def wait(self, operation: Any) -> Mapping[str, Any]:
        """Wait until a long operation is done, and return its response as JSON.

        Raises:
            UserError: if it fails, or takes longer than an hour.
        """
        return wait_for_operation(operation.operation.name, self.service.url, self.credentials)

    def _make(self, kind: Any) -> Any:
        options = {"api_endpoint": self.service.url}
        return kind(credentials=self.credentials, transport="rest", client_options=options)
