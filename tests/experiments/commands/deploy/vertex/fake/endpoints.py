"""The endpoints of Vertex AI."""

import re
from collections.abc import Mapping
from typing import Any

from google.cloud import aiplatform_v1 as api

from tests.experiments.commands.deploy.vertex.fake.container import Container
from tests.experiments.commands.deploy.vertex.fake.operations import Operations
from tests.experiments.commands.deploy.vertex.fake.rest import RestError, parse, require, serialize


class Endpoints:
    """Endpoints with the versions of models that are deployed on them.

    Attributes:
        endpoints: by resource name.
    """

    def __init__(self, operations: Operations, models: Mapping[str, Any]) -> None:
        self.endpoints: dict[str, Any] = {}
        self._operations = operations
        self._models = models
        self._containers: dict[str, Container] = {}
        self._last_id = 1000

    def create_endpoint(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = parse(api.Endpoint, body)
        require(bool(endpoint.display_name), "endpoint.displayName is required")
        endpoint_id = query.get("endpointId", "")
        require(bool(re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", endpoint_id)), f"endpointId {endpoint_id}")
        endpoint.name = f"{path['location']}/endpoints/{endpoint_id}"
        if endpoint.name in self.endpoints:
            raise RestError(409, "ALREADY_EXISTS", f"{endpoint.name} exists.")
        return self._operations.begin(
            path["location"], "/endpoints", endpoint, lambda: self.endpoints.update({endpoint.name: endpoint})
        )

    def get_endpoint(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        return serialize(self._find(path))

    def delete_endpoint(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._find(path)
        if endpoint.deployed_models:
            raise RestError(400, "FAILED_PRECONDITION", f"{endpoint.name} has deployed or being-deployed models.")
        return self._operations.begin(path["location"], "DELETE", None, lambda: self.endpoints.pop(endpoint.name))

    def deploy_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._find(path)
        request = parse(api.DeployModelRequest, {**body, "endpoint": endpoint.name})
        deployed = request.deployed_model
        if deployed.model not in self._models:
            raise RestError(404, "NOT_FOUND", f"The Model {deployed.model} does not exist.")
        require(bool(deployed.dedicated_resources.machine_spec.machine_type), "no machineType")
        require(deployed.dedicated_resources.min_replica_count >= 1, "minReplicaCount is below 1")
        self._last_id += 1
        deployed.id = str(self._last_id)
        split = {deployed.id if key == "0" else key: share for key, share in request.traffic_split.items()}
        _check_split(split, {other.id for other in endpoint.deployed_models} | {deployed.id})
        self._containers[deployed.id] = Container(self._models[deployed.model].artifact_uri)

        def take_effect() -> None:
            endpoint.deployed_models.append(deployed)
            if split:
                endpoint.traffic_split = split

        response = api.DeployModelResponse(deployed_model=deployed)
        return self._operations.begin(path["name"], ":deployModel", response, take_effect)

    def undeploy_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._find(path)
        request = parse(api.UndeployModelRequest, {**body, "endpoint": endpoint.name})
        ids = [deployed.id for deployed in endpoint.deployed_models]
        require(request.deployed_model_id in ids, f"{request.deployed_model_id} is not deployed")
        split = dict(request.traffic_split) or dict(endpoint.traffic_split)
        if ids == [request.deployed_model_id]:
            split = {}
        require(not split.get(request.deployed_model_id), f"{request.deployed_model_id} has traffic")
        _check_split(split, set(ids))
        rest = [deployed for deployed in endpoint.deployed_models if deployed.id != request.deployed_model_id]

        def take_effect() -> None:
            endpoint.deployed_models, endpoint.traffic_split = rest, split

        return self._operations.begin(path["name"], ":undeployModel", api.UndeployModelResponse(), take_effect)

    def predict(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        endpoint = self._find(path)
        serving = [deployed for deployed in endpoint.deployed_models if endpoint.traffic_split.get(deployed.id)]
        require(len(serving) == 1, f"{endpoint.name} has no model that serves")
        [deployed] = serving
        predictions = self._containers[deployed.id].predict(body["instances"])
        return {"predictions": predictions, "deployedModelId": deployed.id, "model": deployed.model}

    def _find(self, path: Mapping[str, str]) -> Any:
        if path["name"] not in self.endpoints:
            raise RestError(404, "NOT_FOUND", f"The Endpoint {path['name']} does not exist.")
        return self.endpoints[path["name"]]


def _check_split(split: Mapping[str, int], known: set[str]) -> None:
    require(not split or sum(split.values()) == 100, "the traffic percentages do not add up to 100")
    require(split.keys() <= known, "trafficSplit has a key that is no deployed model")
