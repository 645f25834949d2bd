"""The names of the resources on Vertex AI."""

import os
from dataclasses import dataclass

ENDPOINT_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM"
"""The environment variable with another URL for Vertex AI than Google's; gcloud uses it as well."""

_TENSORFLOW_IMAGE = "vertex-ai/prediction/tf2-cpu.2-15:latest"


@dataclass(frozen=True)
class Service:
    """One model, with a version for each deployment, and the endpoint that serves it.

    Attributes:
        project: the id of the project of Google Cloud.
        region: the region, such as europe-west4.
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
        return f"{nearest}-docker.pkg.dev/{_TENSORFLOW_IMAGE}"
