"""The names of the resources on Vertex AI."""

import pytest
from google.cloud.aiplatform import helpers
from google.cloud.aiplatform.constants.base import SUPPORTED_REGIONS

from experiments.commands.deploy.vertex.arguments import read_service
from experiments.commands.deploy.vertex.service import ENDPOINT_OVERRIDE, Service

SERVICE = Service("zahlen-1", "europe-west4", "zahlwort-parity")


@pytest.mark.parametrize("region", sorted(SUPPORTED_REGIONS - {"global"}))
def test_the_container_is_that_of_googles_own_library(region):
    continent = region.partition("-")[0]
    expected = helpers.get_prebuilt_prediction_container_uri(
        "tensorflow", "2.15", continent if continent in ("us", "europe", "asia") else "us"
    )

    assert Service("zahlen-1", region, "zahlwort-parity").image == expected
    assert read_service("parity", "zahlen-1", region, None).region == region


def test_resources_have_the_names_of_the_reference():
    assert SERVICE.model == "projects/zahlen-1/locations/europe-west4/models/zahlwort-parity"
    assert SERVICE.endpoint == "projects/zahlen-1/locations/europe-west4/endpoints/zahlwort-parity"


def test_the_url_is_that_of_the_region_unless_gclouds_variable_names_another(monkeypatch):
    monkeypatch.delenv(ENDPOINT_OVERRIDE, raising=False)
    assert SERVICE.url == "https://europe-west4-aiplatform.googleapis.com"
    monkeypatch.setenv(ENDPOINT_OVERRIDE, "http://127.0.0.1:8080/")
    assert SERVICE.url == "http://127.0.0.1:8080"
