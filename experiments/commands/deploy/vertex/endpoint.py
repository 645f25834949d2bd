"""Creates and deletes the endpoint on Vertex AI, and deploys versions of the model on it."""

from collections.abc import Mapping
from typing import Any

from experiments.commands.deploy.vertex.calls import CALL_TIMEOUT, errors_in_one_line
from experiments.commands.deploy.vertex.client import Client
from experiments.pipeline.errors import UserError


class Endpoint:
    """The endpoint of a service. Every method raises UserError if Google refuses or cannot be reached."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._name = client.service.endpoint

    def create(self) -> None:
        """Create the endpoint unless it exists.

        Raises:
            UserError: if it exists and serves another model.
        """
        from google.api_core.exceptions import AlreadyExists

        with errors_in_one_line(self._name):
            endpoint = self._get()
            if endpoint is None:
                try:
                    self._create()
                except AlreadyExists:  # another deployment has just created it
                    endpoint = self._get()
            self._refuse_other_models(endpoint)

    def deploy(self, version: str, machine: str) -> str:
        """Deploy a version of the model on one machine. It gets all traffic when it is ready.

        Returns:
            The id of the deployed version.
        """
        api = self._client.api
        with errors_in_one_line(f"{version} on {self._name}"):
            deployed_model = api.DeployedModel(
                model=version,
                display_name=self._client.service.name,
                dedicated_resources=api.DedicatedResources(
                    machine_spec=api.MachineSpec(machine_type=machine), min_replica_count=1, max_replica_count=1
                ),
            )
            request = api.DeployModelRequest(
                endpoint=self._name,
                deployed_model=deployed_model,
                traffic_split={"0": 100},  # 0 is the version of this request
            )
            response = self._client.wait(self._client.endpoints.deploy_model(request, timeout=CALL_TIMEOUT))
            return str(response["deployedModel"]["id"])

    def undeploy_others(self, deployed_id: str) -> None:
        """Undeploy all versions but one.

        Raises:
            UserError: if that version does not have all traffic.
        """
        with errors_in_one_line(self._name):
            endpoint = self._get()
            if endpoint is None or endpoint.traffic_split.get(deployed_id) != 100:
                raise UserError(
                    f"{self._name}: another deployment has moved the traffic in the meantime; deploy again"
                )
            for deployed in endpoint.deployed_models:
                if deployed.id != deployed_id:
                    self._undeploy(deployed.id, {})

    def delete(self) -> None:
        """Undeploy all versions, and delete the endpoint.

        Raises:
            UserError: if there is no endpoint, or it serves another model.
        """
        from google.api_core.exceptions import FailedPrecondition

        with errors_in_one_line(self._name):
            endpoint = self._get()
            if endpoint is None:
                raise UserError(f"there is no {self._name}: nothing is deployed there")
            self._refuse_other_models(endpoint)
            self._undeploy_all(endpoint)
            try:
                self._client.wait(self._client.endpoints.delete_endpoint(name=self._name, timeout=CALL_TIMEOUT))
            except FailedPrecondition as error:
                raise UserError(
                    f"{self._name}: a deployment may be in progress; try again in some minutes ({error})"
                ) from error

    def _get(self) -> Any:
        return self._client.get(self._client.endpoints.get_endpoint, self._name)

    def _create(self) -> None:
        api, service = self._client.api, self._client.service
        request = api.CreateEndpointRequest(
            parent=service.location, endpoint=api.Endpoint(display_name=service.name), endpoint_id=service.name
        )
        self._client.wait(self._client.endpoints.create_endpoint(request, timeout=CALL_TIMEOUT))

    def _undeploy_all(self, endpoint: Any) -> None:
        """Undeploy the version with the most traffic last, and give it all traffic before."""
        ids = [deployed.id for deployed in endpoint.deployed_models]
        ids.sort(key=lambda deployed_id: int(endpoint.traffic_split.get(deployed_id, 0)))
        for deployed_id in ids:
            self._undeploy(deployed_id, {} if deployed_id == ids[-1] else {ids[-1]: 100})

    def _undeploy(self, deployed_id: str, traffic_split: Mapping[str, int]) -> None:
        """Undeploy a version. Google refuses unless the version has no traffic, or is the only one.

        Args:
            deployed_id: of the version.
            traffic_split: the new split; an empty one changes nothing.
        """
        request = self._client.api.UndeployModelRequest(
            endpoint=self._name, deployed_model_id=deployed_id, traffic_split=dict(traffic_split)
        )
        self._client.wait(self._client.endpoints.undeploy_model(request, timeout=CALL_TIMEOUT))

    def _refuse_other_models(self, endpoint: Any) -> None:
        for deployed in endpoint.deployed_models if endpoint is not None else ():
            if deployed.model.partition("@")[0].rpartition("/")[2] != self._client.service.name:
                raise UserError(f"{endpoint.name} also serves {deployed.model}: choose another name=")
