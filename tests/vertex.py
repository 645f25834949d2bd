"""Answers the REST calls of Vertex AI that a deployment makes, and checks them.

Requests are parsed into the messages of Google's own client library, which knows every field and refuses others;
what the reference demands beyond that (ids, traffic, what may be deleted) is checked here. A deployed version
answers from the SavedModel that its artifact URI holds in the bucket, in the row format of TensorFlow Serving.
https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints and .models
"""

import json
import re
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.cloud.storage as storage
import tensorflow as tf

from tests.rest import RestError, parsed, require, written

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)
    from google.cloud import aiplatform_v1 as api
METADATA = {"@type": "type.googleapis.com/google.cloud.aiplatform.ui.OperationMetadata", "progressMessage": "..."}
"""Of an operation: Google's is of a type, and has a field, that its library does not know."""


@dataclass
class Vertex:
    """One project and region of Vertex AI.

    Attributes:
        models: by resource name of the version, the registered model.
        endpoints: by resource name.
        refused: paths, or parts of them, that the account has no permission for.
        failing: the end of a call whose operation fails, such as `:deployModel`.
        endless: the end of a resource whose operations never end.
        faults: HTTP status of the next answers to who asks for an operation.
        calls: the methods that were called, in order.
    """

    models: dict[str, Any] = field(default_factory=dict)
    endpoints: dict[str, Any] = field(default_factory=dict)
    refused: str | None = None
    failing: str | None = None
    endless: str | None = None
    faults: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._operations: dict[str, list[dict[str, Any]]] = {}
        self._effects: dict[str, Callable[[], Any]] = {}
        self._loaded: dict[str, Any] = {}
        self._deployed = 1000
        location = r"(?P<location>projects/[^/]+/locations/[^/]+)"
        self._routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("POST", rf"{location}/models:upload", self._upload_model),
            ("GET", rf"(?P<name>{location}/models/[^/:]+)", self._get_model),
            ("POST", rf"{location}/endpoints", self._create_endpoint),
            ("GET", rf"(?P<name>{location}/endpoints/[^/:]+)", self._get_endpoint),
            ("DELETE", rf"(?P<name>{location}/endpoints/[^/:]+)", self._delete_endpoint),
            ("POST", rf"(?P<name>{location}/endpoints/[^/:]+):deployModel", self._deploy_model),
            ("POST", rf"(?P<name>{location}/endpoints/[^/:]+):undeployModel", self._undeploy_model),
            ("POST", rf"(?P<name>{location}/endpoints/[^/:]+):predict", self._predict),
            ("GET", rf"(?P<operation>{location}/(\w+/[^/]+/)?operations/[^/:]+)", self._get_operation),
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
                self.calls.append(call.__name__.strip("_"))
                return call(found.groupdict(), query, json.loads(body or b"{}"))
        raise RestError(404, "NOT_FOUND", f"The requested URL {parts.path} was not found on this server.")

    def _upload_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        request = parsed(api.UploadModelRequest, {**body, "parent": path["location"]})
        model = request.model
        require(bool(model.display_name), "model.displayName is required")
        require(model.artifact_uri.startswith("gs://"), "model.artifactUri is no URI of Cloud Storage")
        require(bool(model.container_spec.image_uri), "model.containerSpec.imageUri is required")
        for key, value in model.labels.items():
            require(bool(re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key)), f"label {key}")
            require(bool(re.fullmatch(r"[a-z0-9_-]{0,63}", value)), f"label {value}")
        if request.parent_model:
            name = request.parent_model
            if f"{name}@1" not in self.models:
                raise RestError(404, "NOT_FOUND", f"{name} is not found.")
        else:
            require(bool(re.fullmatch(r"[a-z_][a-z0-9_-]{0,62}", request.model_id)), f"modelId {request.model_id}")
            name = f"{path['location']}/models/{request.model_id}"
            if f"{name}@1" in self.models:
                raise RestError(409, "ALREADY_EXISTS", f"{name} exists.")
        version = 1 + sum(known.startswith(f"{name}@") for known in self.models)
        return self._operation(
            path["location"],
            ":upload",
            api.UploadModelResponse(model=name, model_version_id=str(version)),
            lambda: self.models.update({f"{name}@{version}": model}),
        )

    def _get_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        versions = [known for known in self.models if known.startswith(f"{path['name']}@")]
        if not versions:
            raise RestError(404, "NOT_FOUND", f"The Model {path['name']} does not exist.")
        return {"name": path["name"], "versionId": versions[-1].partition("@")[2]}

    def _create_endpoint(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = parsed(api.Endpoint, body)
        require(bool(endpoint.display_name), "endpoint.displayName is required")
        endpoint_id = query.get("endpointId", "")
        require(bool(re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", endpoint_id)), f"endpointId {endpoint_id}")
        endpoint.name = f"{path['location']}/endpoints/{endpoint_id}"
        if endpoint.name in self.endpoints:
            raise RestError(409, "ALREADY_EXISTS", f"{endpoint.name} exists.")
        return self._operation(
            path["location"], "/endpoints", endpoint, lambda: self.endpoints.update({endpoint.name: endpoint})
        )

    def _get_endpoint(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        return written(self._endpoint(path))

    def _delete_endpoint(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._endpoint(path)
        if endpoint.deployed_models:
            raise RestError(400, "FAILED_PRECONDITION", f"{endpoint.name} has deployed or being-deployed models.")
        return self._operation(path["location"], "DELETE", None, lambda: self.endpoints.pop(endpoint.name))

    def _deploy_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._endpoint(path)
        request = parsed(api.DeployModelRequest, {**body, "endpoint": endpoint.name})
        deployed = request.deployed_model
        if deployed.model not in self.models:
            raise RestError(404, "NOT_FOUND", f"The Model {deployed.model} does not exist.")
        require(bool(deployed.dedicated_resources.machine_spec.machine_type), "no machineType")
        require(deployed.dedicated_resources.min_replica_count >= 1, "minReplicaCount is below 1")
        self._deployed += 1
        deployed.id = str(self._deployed)
        split = {deployed.id if key == "0" else key: share for key, share in request.traffic_split.items()}
        known = {other.id for other in endpoint.deployed_models} | {deployed.id}
        require(not split or sum(split.values()) == 100, "the traffic percentages do not add up to 100")
        require(split.keys() <= known, "trafficSplit has a key that is no deployed model")
        self._loaded[deployed.id] = load(self.models[deployed.model].artifact_uri)

        def take_effect() -> None:
            endpoint.deployed_models.append(deployed)
            if split:
                endpoint.traffic_split = split

        return self._operation(
            path["name"], ":deployModel", api.DeployModelResponse(deployed_model=deployed), take_effect
        )

    def _undeploy_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._endpoint(path)
        request = parsed(api.UndeployModelRequest, {**body, "endpoint": endpoint.name})
        ids = [deployed.id for deployed in endpoint.deployed_models]
        require(request.deployed_model_id in ids, f"{request.deployed_model_id} is not deployed")
        split = dict(request.traffic_split) or dict(endpoint.traffic_split)
        if ids == [request.deployed_model_id]:
            split = {}
        require(not split.get(request.deployed_model_id), f"{request.deployed_model_id} has traffic")
        require(not split or sum(split.values()) == 100, "the traffic percentages do not add up to 100")
        rest = [deployed for deployed in endpoint.deployed_models if deployed.id != request.deployed_model_id]

        def take_effect() -> None:
            endpoint.deployed_models, endpoint.traffic_split = rest, split

        return self._operation(path["name"], ":undeployModel", api.UndeployModelResponse(), take_effect)

    def _predict(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._endpoint(path)
        serving = [deployed for deployed in endpoint.deployed_models if endpoint.traffic_split.get(deployed.id)]
        require(len(serving) == 1, f"{endpoint.name} has no model that serves")
        [deployed] = serving
        words = [row["words"] if isinstance(row, dict) else row for row in body["instances"]]
        answers = self._loaded[deployed.id](words=tf.constant(words))
        columns = {name: values.numpy().tolist() for name, values in answers.items()}
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return {"predictions": rows, "deployedModelId": deployed.id, "model": deployed.model}

    def _endpoint(self, path: Mapping[str, str]) -> Any:
        if path["name"] not in self.endpoints:
            raise RestError(404, "NOT_FOUND", f"The Endpoint {path['name']} does not exist.")
        return self.endpoints[path["name"]]

    def _operation(self, parent: str, call: str, response: Any, take_effect: Callable[[], Any]) -> Any:
        """Begin an operation, which takes effect when it is asked for the second time."""
        name = f"{parent}/operations/{len(self._operations) + 1}"
        if call == self.failing:
            end = {"error": {"code": 8, "message": "The following quotas are exceeded: CustomModelServingCPUs"}}
            take_effect = dict
        elif response is None:
            end = {"response": {"@type": "type.googleapis.com/google.protobuf.Empty"}}
        else:
            kind = type(response).pb(response).DESCRIPTOR.full_name
            end = {"response": {"@type": f"type.googleapis.com/{kind}", **written(response)}}
        self._operations[name] = [{"done": False}, end]
        self._effects[name] = take_effect
        return {"name": name}

    def _get_operation(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        name = path["operation"]
        if name.partition("/operations/")[0].endswith(self.endless or "\0"):
            return {"name": name, "done": False}
        if self.faults:
            raise RestError(self.faults.pop(), "UNAVAILABLE", "The service is currently unavailable.")
        states = self._operations[name]
        if len(states) > 1:
            return {"name": name, "metadata": METADATA, **states.pop(0)}
        self._effects.pop(name, dict)()
        return {"name": name, "metadata": METADATA, "done": True, **states[0]}


def load(uri: str) -> Any:
    """Load the SavedModel that lies at a URI of the bucket, as the container does."""
    bucket, _, prefix = uri.removeprefix("gs://").partition("/")
    with tempfile.TemporaryDirectory() as vanishing:
        for blob in storage.Client("of-the-container").list_blobs(bucket, prefix=f"{prefix}/"):
            path = Path(vanishing) / blob.name.removeprefix(f"{prefix}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            blob.download_to_filename(str(path))
        require((Path(vanishing) / "saved_model.pb").is_file(), f"{uri} holds no saved_model.pb")
        model = tf.saved_model.load(vanishing)
        signature = model.signatures["serving_default"]
        signature.keep = model  # its variables live as long as the model does
        return signature
