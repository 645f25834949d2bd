"""Google's naming rules: what each argument of deploy may be."""

import pytest

from experiments.commands.deploy.vertex.arguments import read_bucket, read_machine, read_service
from experiments.pipeline.errors import UserError

PREFIXES = {
    "project": "project={} is not the id of a Google Cloud project",
    "region": "region={} is not a region of Google Cloud",
    "name": "name={} is not a name for model and endpoint",
    "machine": "machine={} is not a machine type of Vertex AI",
    "bucket": "bucket={} is not a bucket of Cloud Storage",
}
ALLOWED = {
    "project": ["my-project", "zahlen-1", "a23456", "a" * 30, "example.com:my-project", 123456789012, "123456789012"],
    "region": ["europe-west4", "us-central1", "northamerica-northeast2", "me-west1", "europe-west12"],
    "name": ["a", "zahlwort-parity", "p2", "a" * 63],
    "machine": ["n1-standard-2", "n1-highmem-16", "e2-standard-4", "n2d-standard-2", "a2-highgpu-1g", "g2-standard-4"],
    "bucket": [
        *("gs://zahlen", "gs://abc", "gs://my-bucket", "gs://my_bucket", "gs://1bucket9", f"gs://{'a' * 63}"),
        *("gs://models.example.com", f"gs://{'a' * 63}.{'b' * 63}.example.com", "gs://1.2.3.4.5"),
        *("gs://zahlen/", "gs://zahlen/models", "gs://zahlen/models/", "gs://zahlen/a/b/c", "gs://zahlen/.hidden"),
        *("gs://zahlen/v1.2/..a", "gs://zahlen/zwölf/eine Million", "gs://zahlen/..."),
    ],
}
REFUSED = {
    "project": [
        *("Zahlen 1", "My-Project", "short", "a" * 31, "1project", "my-project-", "-my-project", "my_project"),
        *("my.project", "my-project:", ":my-project", "a:b", "my-project\n", "my/project", "", "zähler", True, 1.5),
    ],
    "region": [
        *("Europe", "europe", "europe-west", "west4", "europe-west4-a", "europe-west4\n", "europe-west123", "global"),
        *("", "europe west4", "europe-west४", "Europe-west4", "../europe-west4", 4, False),
    ],
    "name": [
        *("Parity!", "", "1parity", "-parity", "parity-", "a" * 64, "my_name", "my.name", "Parity", "parity\n", "a/b"),
        *("größe", 7, True),
    ],
    "machine": ["big", "", "n1", "n1-standard", "N1-standard-2", "n1-standard-2\n", "n1 standard 2", "a-b", 2, None],
    "bucket": [
        *("zahlen", "gs:/zahlen", "gs://", "s3://zahlen", "https://zahlen", "gs://Zahlen", "gs://zähler", "gs://a b"),
        *("gs://ab", f"gs://{'a' * 64}", f"gs://{'a' * 64}.example.com", f"gs://{'.'.join(['a' * 55] * 4)}"),
        *("gs://-zahlen", "gs://zahlen-", "gs://_zahlen", "gs://zahlen_", "gs://.zahlen", "gs://zahlen."),
        *("gs://my..bucket", "gs://my-.bucket", "gs://my.-bucket", "gs://192.168.5.4", "gs://0.0.0.0"),
        *("gs://goog-models", "gs://goog", "gs://my-google-models", "gs://g00gle-models", "gs://mygoogle"),
        *(
            "gs://..",
            "gs://../x",
            "gs://./x",
            "gs://zahlen/.",
            "gs://zahlen/..",
            "gs://zahlen/../x",
            "gs://zahlen/./x",
        ),
        *("gs://zahlen/a/..", "gs://zahlen/a/../b", "gs://zahlen/a/./b", "gs://zahlen/../", "gs://zahlen/./"),
        *(
            "gs://zahlen//",
            "gs://zahlen//x",
            "gs://zahlen/a//b",
            "gs://zahlen\n",
            "gs://zahlen/a\n",
            "gs://zahlen/a\tb",
        ),
        *("gs://zahlen/a*", "gs://zahlen/a?", "gs://zahlen/[a]", "gs://zahlen/a#1", f"gs://zahlen/{'a' * 701}"),
        *("gs://zahlen/.well-known/acme-challenge/x", "", True, 3),
    ],
}


def read(name, value):
    if name == "bucket":
        return read_bucket(value)
    if name == "machine":
        return read_machine(value)
    arguments = {"project": "my-project", "region": "europe-west4", "name": None, name: value}
    return getattr(read_service("parity", **arguments), name)


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), cases(ALLOWED))
def test_values_within_the_rules_are_allowed(name, value):
    assert read(name, value) == str(value).rstrip("/")


@pytest.mark.parametrize(("name", "value"), [case for case in cases(REFUSED) if case[1] is not None])
def test_values_outside_the_rules_are_refused_with_the_value_and_the_rule(name, value):
    with pytest.raises(UserError) as refusal:
        read(name, value)

    message = " ".join(PREFIXES[name].format(value).split())
    assert str(refusal.value).startswith(message)
    assert f"e.g. {name}=" in str(refusal.value)


@pytest.mark.parametrize("name", ["project", "region", "bucket", "machine"])
def test_a_missing_argument_is_refused_with_an_example(name):
    with pytest.raises(UserError, match=rf"^missing {name}=, e\.g\. {name}=\S+: "):
        read(name, None)


@pytest.mark.parametrize(("task", "name"), [("parity", "zahlwort-parity"), ("by_three", "zahlwort-by-three")])
def test_the_default_name_is_that_of_the_task(task, name):
    assert read_service(task, "my-project", "europe-west4", None).name == name
