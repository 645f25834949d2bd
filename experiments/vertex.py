"""Serves a SavedModel on Google's Vertex AI: the calls, each with what it needs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.cloud import CALL_TIMEOUT, await_operation, explained, find_credentials, require_libraries, retrying
from experiments.settings import RefusedError

ENDPOINT_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM"
"""The environment variable with the URL of Vertex AI, where it is another than Google's; gcloud heeds it, too."""

TENSORFLOW_IMAGE = "vertex-ai/prediction/tf2-cpu.2-15:latest"


@dataclass(frozen=True)
class Service:
    """Where a network is served: one model, with a version for each deployment, and one endpoint.

    Attributes:
        project: of Google Cloud.
        region: such as europe-west4.
        name: the id of the model and of the endpoint.
    """

    project: str
    region: str
    name: str

    @property
    def location(self) -> str:
        """The resource name of the region."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def model(self) -> str:
        """The resource name of the model."""
        return f"{self.location}/models/{self.name}"

    @property
    def endpoint(self) -> str:
        """The resource name of the endpoint."""
        return f"{self.location}/endpoints/{self.name}"

    @property
    def url(self) -> str:
        """The URL of Vertex AI in the region."""
        override = os.environ.get(ENDPOINT_OVERRIDE, "").rstrip("/")
        return override or f"https://{self.region}-aiplatform.googleapis.com"

    @property
    def image(self) -> str:
        """The container that serves: Google's, with the TensorFlow of this project, from the nearest continent."""
        continent = self.region.partition("-")[0]
        nearest = continent if continent in ("us", "europe", "asia") else "us"
        return f"{nearest}-docker.pkg.dev/{TENSORFLOW_IMAGE}"


class Vertex:
    """Vertex AI and Cloud Storage. Every method raises RefusedError when Google refuses, or cannot be reached."""

    def __init__(self, service: Service) -> None:
        """Serve there; nothing is asked of Google yet.

        Raises:
            RefusedError: when Google's libraries are missing, or credentials.
        """
        require_libraries()
        from google.cloud import aiplatform_v1

        self._service = service
        self._api: Any = aiplatform_v1
        self._credentials = find_credentials(service.project)

    def upload(self, directory: Path, uri: str) -> None:
        """Copy a directory to gs://bucket/prefix."""
        import google.cloud.storage as storage

        bucket_name, _, prefix = uri.removeprefix("gs://").partition("/")
        hint = f"; gcloud storage buckets create gs://{bucket_name} --project={self._service.project} makes a bucket"
        with explained(f"gs://{bucket_name}", hint):
            bucket = storage.Client(self._service.project, self._credentials).bucket(bucket_name)
            for path in files_of(directory):
                bucket.blob(f"{prefix}/{path.relative_to(directory).as_posix()}").upload_from_filename(str(path))

    def register(self, uri: str, description: str, labels: Mapping[str, str]) -> str:
        """Register the SavedModel at a URI: as a new model, or as the next version of the model that is there.

        Returns:
            The resource name of the version.
        """
        api, service = self._api, self._service
        model = api.Model(
            display_name=service.name,
            version_description=description,
            version_aliases=["default"],
            artifact_uri=uri,
            container_spec=api.ModelContainerSpec(image_uri=service.image),
            labels=dict(labels),
        )
        with explained(service.model):
            known = self._get(self._models.get_model, service.model) is not None
            name = {"parent_model": service.model} if known else {"model_id": service.name}
            request = api.UploadModelRequest(parent=service.location, model=model, **name)
            done = self._wait(self._models.upload_model(request, timeout=CALL_TIMEOUT))
            return f"{done['model'].partition('@')[0]}@{done['modelVersionId']}"

    def create_endpoint(self) -> None:
        """Create the endpoint, unless it is there; one that serves another model is left alone."""
        from google.api_core.exceptions import AlreadyExists

        service = self._service
        with explained(service.endpoint):
            endpoint = self._get(self._endpoints.get_endpoint, service.endpoint)
            if endpoint is None:
                request = self._api.CreateEndpointRequest(
                    parent=service.location,
                    endpoint=self._api.Endpoint(display_name=service.name),
                    endpoint_id=service.name,
                )
                try:
                    self._wait(self._endpoints.create_endpoint(request, timeout=CALL_TIMEOUT))
                except AlreadyExists:  # another deployment has just made it
                    endpoint = self._get(self._endpoints.get_endpoint, service.endpoint)
            self._refuse_others(endpoint)

    def deploy(self, version: str, machine: str) -> str:
        """Deploy a version of the model on one machine, and give it all traffic when it is ready.

        Returns:
            The id of what was deployed.
        """
        api = self._api
        with explained(f"{version} on {self._service.endpoint}"):
            deployed_model = api.DeployedModel(
                model=version,
                display_name=self._service.name,
                dedicated_resources=api.DedicatedResources(
                    machine_spec=api.MachineSpec(machine_type=machine), min_replica_count=1, max_replica_count=1
                ),
            )
            request = api.DeployModelRequest(
                endpoint=self._service.endpoint,
                deployed_model=deployed_model,
                traffic_split={"0": 100},  # 0 is the one that is being deployed
            )
            done = self._wait(self._endpoints.deploy_model(request, timeout=CALL_TIMEOUT))
            return str(done["deployedModel"]["id"])

    def retire(self, deployed_id: str) -> None:
        """Undeploy every version but one, which has all traffic."""
        with explained(self._service.endpoint):
            endpoint = self._get(self._endpoints.get_endpoint, self._service.endpoint)
            if endpoint is None or endpoint.traffic_split.get(deployed_id) != 100:
                raise RefusedError(
                    f"{self._service.endpoint}: another deployment has moved the traffic meanwhile; deploy once more"
                )
            for deployed in endpoint.deployed_models:
                if deployed.id != deployed_id:
                    self._undeploy(deployed.id, {})

    def take_down(self) -> None:
        """Undeploy all versions, and delete the endpoint."""
        from google.api_core.exceptions import FailedPrecondition

        service = self._service
        with explained(service.endpoint):
            endpoint = self._get(self._endpoints.get_endpoint, service.endpoint)
            if endpoint is None:
                raise RefusedError(f"there is no {service.endpoint}: nothing is deployed there")
            self._refuse_others(endpoint)
            ids = [deployed.id for deployed in endpoint.deployed_models]
            ids.sort(key=lambda deployed_id: int(endpoint.traffic_split.get(deployed_id, 0)))
            for deployed_id in ids:
                self._undeploy(deployed_id, {} if deployed_id == ids[-1] else {ids[-1]: 100})
            try:
                self._wait(self._endpoints.delete_endpoint(name=service.endpoint, timeout=CALL_TIMEOUT))
            except FailedPrecondition as error:
                raise RefusedError(
                    f"{service.endpoint}: a deployment may be under way; try again in some minutes ({error})"
                ) from error

    def _undeploy(self, deployed_id: str, traffic_split: Mapping[str, int]) -> None:
        """Undeploy a version, which Google does when the split, where there is one, leaves it no traffic."""
        request = self._api.UndeployModelRequest(
            endpoint=self._service.endpoint, deployed_model_id=deployed_id, traffic_split=dict(traffic_split)
        )
        self._wait(self._endpoints.undeploy_model(request, timeout=CALL_TIMEOUT))

    def _refuse_others(self, endpoint: Any) -> None:
        """Refuse to touch an endpoint on which there is another model."""
        for deployed in endpoint.deployed_models if endpoint is not None else ():
            if deployed.model.partition("@")[0].rpartition("/")[2] != self._service.name:
                raise RefusedError(f"{endpoint.name} serves {deployed.model} as well: choose another name=")

    def _wait(self, operation: Any) -> Mapping[str, Any]:
        return await_operation(operation.operation.name, self._service.url, self._credentials)

    def _get(self, get: Any, name: str) -> Any:
        """Get a resource, or None when it is not there."""
        from google.api_core.exceptions import NotFound

        try:
            return get(name=name, retry=retrying(), timeout=CALL_TIMEOUT)
        except NotFound:
            return None

    @cached_property
    def _models(self) -> Any:
        return self._client(self._api.ModelServiceClient)

    @cached_property
    def _endpoints(self) -> Any:
        return self._client(self._api.EndpointServiceClient)

    def _client(self, kind: Any) -> Any:
        options = {"api_endpoint": self._service.url}
        return kind(credentials=self._credentials, transport="rest", client_options=options)


def files_of(directory: Path) -> list[Path]:
    """List the files below a directory, in order."""
    return sorted(path for path in directory.rglob("*") if path.is_file())
