"""The registry of models of Vertex AI."""

import re
from collections.abc import Mapping
from typing import Any

from google.cloud import aiplatform_v1 as api

from tests.experiments.commands.deploy.vertex.fake.operations import Operations
from tests.experiments.commands.deploy.vertex.fake.rest import RestError, parse, require


class Registry:
    """Registered models.

    Attributes:
        models: by resource name of the version.
    """

    def __init__(self, operations: Operations) -> None:
        self.models: dict[str, Any] = {}
        self._operations = operations

    def upload_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        request = parse(api.UploadModelRequest, {**body, "parent": path["location"]})
        _check(request.model)
        name = self._name_for(path["location"], request)
        version = 1 + sum(known.startswith(f"{name}@") for known in self.models)
        return self._operations.begin(
            path["location"],
            ":upload",
            api.UploadModelResponse(model=name, model_version_id=str(version)),
            lambda: self.models.update({f"{name}@{version}": request.model}),
        )

    def get_model(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> Any:
        versions = [known for known in self.models if known.startswith(f"{path['name']}@")]
        if not versions:
            raise RestError(404, "NOT_FOUND", f"The Model {path['name']} does not exist.")
        return {"name": path["name"], "versionId": versions[-1].partition("@")[2]}

    def _name_for(self, location: str, request: Any) -> str:
        """Return the name of the new model, or of the model that gets a version."""
        if request.parent_model:
            name: str = request.parent_model
            if f"{name}@1" not in self.models:
                raise RestError(404, "NOT_FOUND", f"{name} is not found.")
            return name
        require(bool(re.fullmatch(r"[a-z_][a-z0-9_-]{0,62}", request.model_id)), f"modelId {request.model_id}")
        name = f"{location}/models/{request.model_id}"
        if f"{name}@1" in self.models:
            raise RestError(409, "ALREADY_EXISTS", f"{name} exists.")
        return name


def _check(model: Any) -> None:
    require(bool(model.display_name), "model.displayName is required")
    require(model.artifact_uri.startswith("gs://"), "model.artifactUri is no URI of Cloud Storage")
    require(bool(model.container_spec.image_uri), "model.containerSpec.imageUri is required")
    for key, value in model.labels.items():
        require(bool(re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key)), f"label {key}")
        require(bool(re.fullmatch(r"[a-z0-9_-]{0,63}", value)), f"label {value}")
