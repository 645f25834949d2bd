"""Deploys the export of a run on Google's Vertex AI, step by step, and tells how the endpoint is asked."""

import hashlib
import json
import re
import shlex
from pathlib import Path

from core.numerals import number_word
from experiments.asking import EXPORT, Asked
from experiments.settings import RefusedError
from experiments.vertex import Service, Vertex, files_of

MACHINE = "n1-standard-2"
"""The type of machine that serves, unless another is asked for."""

_ALLOWED = {
    "project": (r"[a-z0-9][a-z0-9.:-]*[a-z0-9]", "the id of a project of Google Cloud, such as my-project"),
    "region": (r"[a-z]+-[a-z]+[0-9]+", "a region of Google Cloud, such as europe-west4"),
    "bucket": (
        r"gs://[a-z0-9][a-z0-9._-]+[a-z0-9](/(?!\\.{1,2}(/|$))[^/]+)*/?",
        "a bucket of Cloud Storage, such as gs://my-bucket",
    ),
    "name": (
        r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        "a small letter, then small letters, digits and hyphens, 63 in all, such as zahlwort-parity",
    ),
    "machine": (r"[a-z0-9]+(-[a-z0-9]+)+", "a type of machine of Vertex AI, such as n1-standard-2"),
}


def read_service(task: str, project: object, region: object, name: object) -> Service:
    """Read where to serve; without a name it is that of the task.

    Raises:
        RefusedError: names what is missing or impossible, and what is allowed.
    """
    return Service(
        project=_read("project", project),
        region=_read("region", region),
        name=_read("name", name if name is not None else f"zahlwort-{task}".replace("_", "-")),
    )


def read_flag(name: str, value: object) -> bool:
    """Read True or False."""
    if not isinstance(value, bool):
        raise RefusedError(f"{name}={value} is not True or False")
    return value


class Deployment:
    """Steps to and from an endpoint; a dry run prints them, and needs no account and none of Google's libraries."""

    def __init__(self, service: Service, *, dry_run: bool) -> None:
        """Serve there, or only say what would be done."""
        self._service = service
        self._dry_run = dry_run

    def deploy(self, asked: Asked, *, bucket: object, machine: object, script: str) -> None:
        """Upload the export of a run, register it as a version of the model, and move the endpoint's traffic to it.

        Args:
            asked: the run.
            bucket: gs://name, or gs://name/prefix.
            machine: a type of machine.
            script: as one types it, for the line that takes it all down.

        Raises:
            RefusedError: when something is missing, or impossible, or Google refuses.
        """
        service, kind, export = self._service, _read("machine", machine), asked.model_dir / EXPORT
        if not (export / "saved_model.pb").is_file():
            raise RefusedError(f"{asked.directory} has no export: export with run={asked.directory.name} writes it")
        files = files_of(export)
        uri = f"{_read('bucket', bucket).rstrip('/')}/{service.name}/{_digest(export)}"
        vertex = None if self._dry_run else Vertex(service)
        size = sum(path.stat().st_size for path in files) / 1e6
        print(asked.described())
        self._tell(f"upload {len(files)} files, {size:.2f} MB, to {uri}")
        if vertex:
            vertex.upload(export, uri)
        self._tell(f"register it as the next version of the model {service.model}, for {service.image}")
        if vertex:
            version = vertex.register(uri, f"run {asked.directory.name}, {asked.uuid}", {"run": asked.uuid})
            print(f"  it is {version}")
        self._tell(f"create the endpoint {service.endpoint}, unless it is there")
        if vertex:
            vertex.create_endpoint()
        self._tell(f"deploy the version on one {kind}, and give it all traffic when it is ready; Google takes minutes")
        if vertex:
            deployed = vertex.deploy(version, kind)
        self._tell("undeploy the versions that served before")
        if vertex:
            vertex.retire(deployed)
        print(f"""
endpoint  {service.endpoint}, which costs money until it is taken down
ask it    {asking_line(service, asked.config["language"])}
undeploy  {script} undeploy with project={service.project} region={service.region} name={service.name}""")

    def undeploy(self) -> None:
        """Delete the endpoint with all that is deployed on it."""
        vertex = None if self._dry_run else Vertex(self._service)
        self._tell(f"undeploy all versions from {self._service.endpoint}, and delete it")
        if vertex:
            vertex.take_down()
        print("versions of the model stay registered, and their files in the bucket")

    def _tell(self, what: str) -> None:
        print(f"would {what}" if self._dry_run else what, flush=True)


def asking_line(service: Service, language: str) -> str:
    """Spell the shell command that asks the endpoint for two words."""
    words = json.dumps({"instances": [number_word(44, language), number_word(11, language)]}, ensure_ascii=False)
    return (
        f"curl --silent --show-error --data {shlex.quote(words)} --header 'Content-Type: application/json'"
        ' --header "Authorization: Bearer $(gcloud auth print-access-token)"'
        f" {service.url}/v1/{service.endpoint}:predict"
    )


def _read(name: str, value: object) -> str:
    pattern, allowed = _ALLOWED[name]
    if value is None:
        raise RefusedError(f"{name}= is missing: {allowed}")
    if not re.fullmatch(pattern, str(value)):
        raise RefusedError(f"{name}={value} is not {allowed}")
    return str(value)


def _digest(directory: Path) -> str:
    """Name a directory after the names and bytes of its files."""
    digest = hashlib.sha256()
    for path in files_of(directory):
        digest.update(f"{path.relative_to(directory).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
