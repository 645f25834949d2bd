"""Serves the export of a run on Vertex AI, step by step."""

import json
import shlex
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from experiments.commands.deploy.cloud import Steps
from experiments.commands.deploy.vertex.arguments import MACHINE
from experiments.commands.deploy.vertex.client import Client
from experiments.commands.deploy.vertex.endpoint import Endpoint
from experiments.commands.deploy.vertex.models import register_version
from experiments.commands.deploy.vertex.service import Service
from experiments.commands.deploy.vertex.storage import content_digest, files_of, upload
from experiments.commands.trained_run import TrainedRun


class VertexAI:
    """Google's Vertex AI as a Cloud."""

    def __init__(self, service: Service, *, bucket: str = "", machine: str = MACHINE) -> None:
        """Serve there; nothing is called yet.

        Args:
            service: the names of the resources.
            bucket: gs://name or gs://name/prefix; only deploy needs it.
            machine: the type of machine that serves.
        """
        self._service = service
        self._bucket = bucket
        self._machine = machine

    def connect(self) -> None:
        """Import Google's libraries and find the credentials.

        Raises:
            UserError: if either is missing.
        """
        _ = self._client

    def deploy(self, trained_run: TrainedRun, steps: Steps) -> None:
        """Upload the export of a run, register it as the next version of the model, and move all traffic to it.

        Raises:
            UserError: if Google refuses, or cannot be reached.
        """
        export = trained_run.export_dir
        uri = f"{self._bucket}/{self._service.name}/{content_digest(export)}"
        sizes = [path.stat().st_size for path in files_of(export)]
        steps.take(
            f"upload {len(sizes)} files, {sum(sizes) / 1e6:.2f} MB, to {uri}", lambda: self._upload(export, uri)
        )
        version = steps.take(
            f"register it as the next version of the model {self._service.model}, for {self._service.image}",
            lambda: self._register(trained_run, uri),
        )
        steps.take(f"create the endpoint {self._service.endpoint} unless it exists", lambda: self._endpoint.create())
        deployed_id = steps.take(
            f"deploy the version on one {self._machine}, and give it all traffic when it is ready, in some minutes",
            lambda: self._endpoint.deploy(version, self._machine),
        )
        steps.take("undeploy the versions that served before", lambda: self._endpoint.undeploy_others(deployed_id))

    def undeploy(self, steps: Steps) -> None:
        """Delete the endpoint with all versions that are deployed on it.

        Raises:
            UserError: if Google refuses, or cannot be reached.
        """
        steps.take(
            f"undeploy all versions from {self._service.endpoint}, and delete it", lambda: self._endpoint.delete()
        )
        print("the versions of the model stay registered, and their files stay in the bucket")

    def location(self) -> str:
        """Return the resource name of the endpoint."""
        return self._service.endpoint

    def request_command(self, words: Sequence[str]) -> str:
        """Return the shell command that asks the endpoint for the answers to words."""
        instances = json.dumps({"instances": list(words)}, ensure_ascii=False)
        return (
            f"curl --silent --show-error --data {shlex.quote(instances)} --header 'Content-Type: application/json'"
            ' --header "Authorization: Bearer $(gcloud auth print-access-token)"'
            f" {self._service.url}/v1/{self._service.endpoint}:predict"
        )

    def undeploy_arguments(self) -> str:
        """Return the arguments of the command undeploy that delete the endpoint."""
        return f"project={self._service.project} region={self._service.region} name={self._service.name}"

    def _upload(self, export: Path, uri: str) -> None:
        upload(export, uri, project=self._service.project, credentials=self._client.credentials)

    def _register(self, trained_run: TrainedRun, uri: str) -> str:
        description, labels = f"run {trained_run.id}, {trained_run.uuid}", {"run": trained_run.uuid}
        version = register_version(self._client, uri, description=description, labels=labels)
        print(f"  the version is {version}")
        return version

    @cached_property
    def _client(self) -> Client:
        return Client(self._service)

    @cached_property
    def _endpoint(self) -> Endpoint:
        return Endpoint(self._client)
