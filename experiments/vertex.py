"""Serves a SavedModel on Google's Vertex AI: the calls, each with what it needs.

Google's libraries are imported when the first call is made: they are in an extra, and a dry run does without them.
"""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.settings import RefusedError

ENDPOINT_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM"
"""The environment variable with the URL of Vertex AI, where it is another than Google's; gcloud heeds it, too."""

TENSORFLOW_IMAGE = "vertex-ai/prediction/tf2-cpu.2-15:latest"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TIMEOUT = 3600.0  # seconds; an endpoint takes minutes


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
    """Vertex AI and Cloud Storage; nothing is asked of them before a method is called.

    Every method raises RefusedError when something is missing, or Google refuses.
    """

    def __init__(self, service: Service) -> None:
        """Serve there."""
        self._service = service

    def upload(self, directory: Path, uri: str) -> None:
        """Copy a directory to gs://bucket/prefix."""
        bucket_name, _, prefix = uri.removeprefix("gs://").partition("/")
        with _explained(f"gs://{bucket_name}"):
            import google.cloud.storage as storage

            bucket = storage.Client(self._service.project, self._credentials).bucket(bucket_name)
            for path in files_of(directory):
                bucket.blob(f"{prefix}/{path.relative_to(directory).as_posix()}").upload_from_filename(str(path))

    def register(self, uri: str, description: str, labels: Mapping[str, str]) -> str:
        """Register the SavedModel at a URI: as a new model, or as the next version of the model that is there.

        Returns:
            The resource name of the version.
        """
        with _explained(self._service.model):
            api = self._api
            upload = api.UploadModelRequest(
                parent=self._service.location,
                model=api.Model(
                    display_name=self._service.name,
                    version_description=description,
                    artifact_uri=uri,
                    container_spec=api.ModelContainerSpec(image_uri=self._service.image),
                    labels=dict(labels),
                ),
            )
            if self._exists(self._models.get_model, self._service.model):
                upload.parent_model = self._service.model
            else:
                upload.model_id = self._service.name
            done = self._models.upload_model(upload).result(_TIMEOUT)
            return f"{done.model.partition('@')[0]}@{done.model_version_id}"

    def create_endpoint(self) -> None:
        """Create the endpoint, unless it is there."""
        with _explained(self._service.endpoint):
            if not self._exists(self._endpoints.get_endpoint, self._service.endpoint):
                self._endpoints.create_endpoint(
                    parent=self._service.location,
                    endpoint=self._api.Endpoint(display_name=self._service.name),
                    endpoint_id=self._service.name,
                ).result(_TIMEOUT)

    def deploy(self, version: str, machine: str) -> None:
        """Deploy a version of the model on one machine, and give it all traffic when it is ready."""
        with _explained(version):
            api = self._api
            self._endpoints.deploy_model(
                endpoint=self._service.endpoint,
                deployed_model=api.DeployedModel(
                    model=version,
                    display_name=self._service.name,
                    dedicated_resources=api.DedicatedResources(
                        machine_spec=api.MachineSpec(machine_type=machine), min_replica_count=1, max_replica_count=1
                    ),
                ),
                traffic_split={"0": 100},  # 0 is the one that is being deployed
            ).result(_TIMEOUT)

    def retire(self) -> None:
        """Undeploy every version that has no traffic."""
        with _explained(self._service.endpoint):
            endpoint = self._endpoints.get_endpoint(name=self._service.endpoint)
            for deployed in endpoint.deployed_models:
                if not endpoint.traffic_split.get(deployed.id):
                    self._undeploy(deployed.id)

    def take_down(self) -> None:
        """Undeploy all versions, and delete the endpoint."""
        with _explained(self._service.endpoint):
            if not self._exists(self._endpoints.get_endpoint, self._service.endpoint):
                raise RefusedError(f"there is no {self._service.endpoint}: nothing is deployed there")
            endpoint = self._endpoints.get_endpoint(name=self._service.endpoint)
            ids = sorted((deployed.id for deployed in endpoint.deployed_models), key=endpoint.traffic_split.get)
            for place, deployed_id in enumerate(ids):
                self._undeploy(deployed_id, {ids[-1]: 100} if place < len(ids) - 1 else {})
            self._endpoints.delete_endpoint(name=self._service.endpoint).result(_TIMEOUT)

    def _undeploy(self, deployed_id: str, traffic_split: Mapping[str, int] | None = None) -> None:
        """Undeploy a version; Google undeploys only what has no traffic left, and the last one."""
        self._endpoints.undeploy_model(
            endpoint=self._service.endpoint, deployed_model_id=deployed_id, traffic_split=dict(traffic_split or {})
        ).result(_TIMEOUT)

    def _exists(self, get: Any, name: str) -> bool:
        from google.api_core.exceptions import NotFound

        try:
            get(name=name)
        except NotFound:
            return False
        return True

    @cached_property
    def _credentials(self) -> Any:
        """The application default credentials."""
        import google.auth

        credentials, _ = google.auth.default(scopes=[_SCOPE])
        return credentials

    @cached_property
    def _api(self) -> Any:
        """The types of the API, version 1."""
        from google.cloud import aiplatform_v1

        return aiplatform_v1

    @cached_property
    def _models(self) -> Any:
        return self._client(self._api.ModelServiceClient)

    @cached_property
    def _endpoints(self) -> Any:
        return self._client(self._api.EndpointServiceClient)

    def _client(self, kind: Any) -> Any:
        return kind(
            credentials=self._credentials, transport="rest", client_options={"api_endpoint": self._service.url}
        )


def files_of(directory: Path) -> list[Path]:
    """List the files below a directory, in order."""
    return sorted(path for path in directory.rglob("*") if path.is_file())


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Make one line, with what to do, of everything that can go wrong on the way to Google and there."""
    _require_libraries()
    from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
    from requests.exceptions import RequestException

    try:
        yield
    except DefaultCredentialsError as error:
        raise RefusedError(
            "there are no credentials for Google: gcloud auth application-default login makes some,"
            f" or GOOGLE_APPLICATION_CREDENTIALS names the key of a service account ({error})"
        ) from error
    except NotFound as error:
        hint = f"; gcloud storage buckets create {what} makes a bucket" if what.startswith("gs://") else ""
        raise RefusedError(f"{what}: not found{hint} ({error})") from error
    except Forbidden as error:
        raise RefusedError(f"{what}: the account has no permission ({error})") from error
    except (GoogleAPIError, GoogleAuthError, RequestException) as error:
        raise RefusedError(f"{what}: {error}") from error


def _require_libraries() -> None:
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
