"""Registers models on Vertex AI."""

from collections.abc import Mapping

from experiments.commands.deploy.vertex.calls import CALL_TIMEOUT, errors_in_one_line
from experiments.commands.deploy.vertex.client import Client


def register_version(client: Client, uri: str, *, description: str, labels: Mapping[str, str]) -> str:
    """Register the SavedModel at a URI as a new model, or as the next version if the model exists.

    Returns:
        The resource name of the version.

    Raises:
        UserError: if Google refuses, or cannot be reached.
    """
    api, service = client.api, client.service
    model = api.Model(
        display_name=service.name,
        version_description=description,
        version_aliases=["default"],
        artifact_uri=uri,
        container_spec=api.ModelContainerSpec(image_uri=service.image),
        labels=dict(labels),
    )
    with errors_in_one_line(service.model):
        exists = client.get(client.models.get_model, service.model) is not None
        name = {"parent_model": service.model} if exists else {"model_id": service.name}
        request = api.UploadModelRequest(parent=service.location, model=model, **name)
        response = client.wait(client.models.upload_model(request, timeout=CALL_TIMEOUT))
        return f"{response['model'].partition('@')[0]}@{response['modelVersionId']}"
